export type Page<Node> = { nodes: readonly Node[]; hasNextPage: boolean; endCursor: string | null }

/**
 * A list read in pages from its newest end, after that end was read anew. Rows below the fresh page stay as they
 * were; when the fresh page does not reach down to a known row, or is the whole list, it stands alone.
 */
export function mergeHead<Node extends { id: string }>(known: Page<Node>, fresh: Page<Node>): Page<Node> {
  const freshIds = new Set(fresh.nodes.map((node) => node.id))
  const lastKnown = known.nodes.findLastIndex((node) => freshIds.has(node.id))
  if (!fresh.hasNextPage || lastKnown === -1) return fresh
  const below = known.nodes.slice(lastKnown + 1)
  if (below.length === 0) return fresh
  return { nodes: [...fresh.nodes, ...below], hasNextPage: known.hasNextPage, endCursor: known.endCursor }
}

/** The next page under what is known. A row that moved down meanwhile is not listed twice. */
export function appendPage<Node extends { id: string }>(known: Page<Node>, next: Page<Node>): Page<Node> {
  const knownIds = new Set(known.nodes.map((node) => node.id))
  const added = next.nodes.filter((node) => !knownIds.has(node.id))
  return { nodes: [...known.nodes, ...added], hasNextPage: next.hasNextPage, endCursor: next.endCursor }
}
