import { parseId } from '../live/bot-row.ts'
import { badInput, countArgument } from './viewer.ts'

type PageArguments = {
  first?: number | null
  after?: string | null
  last?: number | null
  before?: string | null
}

/** What one page of a list is read with; lists are newest first, by id. */
export type PageQuery = {
  where: { id?: { lt?: bigint; gt?: bigint } }
  orderBy: { id: 'asc' | 'desc' }
  take: number
}

export type Page<Row> = {
  edges: { cursor: string; node: Row }[]
  pageInfo: {
    hasNextPage: boolean
    hasPreviousPage: boolean
    startCursor: string | null
    endCursor: string | null
  }
}

const DEFAULT_SIZE = 50
const MOST = 500

/**
 * One page of rows, newest first. A cursor is a place in the order of ids, not a row, so that the next page is right even after the row it
 * begins behind is gone.
 */
export async function pageByIdDescending<Row extends { id: bigint }>(
  args: PageArguments,
  read: (query: PageQuery) => Promise<Row[]>,
): Promise<Page<Row>> {
  if (args.first != null && args.last != null) throw badInput(['last'], 'give first or last, not both.')
  const backward = args.last != null
  const size = backward
    ? countArgument('last', args.last, DEFAULT_SIZE, MOST)
    : countArgument('first', args.first, DEFAULT_SIZE, MOST)
  const range: { lt?: bigint; gt?: bigint } = {}
  if (args.after != null) range.lt = cursorId('after', args.after)
  if (args.before != null) range.gt = cursorId('before', args.before)
  // One more than asked for tells whether there is another page.
  const found = await read({
    where: Object.keys(range).length === 0 ? {} : { id: range },
    orderBy: { id: backward ? 'asc' : 'desc' },
    take: size + 1,
  })
  const more = found.length > size
  const rows = backward ? found.slice(0, size).toReversed() : found.slice(0, size)
  const edges = rows.map((node) => ({ cursor: String(node.id), node }))
  return {
    edges,
    pageInfo: {
      hasNextPage: backward ? args.before != null : more,
      hasPreviousPage: backward ? more : args.after != null,
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  }
}

function cursorId(name: string, cursor: string): bigint {
  const id = parseId(cursor)
  if (id === null) throw badInput([name], 'is not a cursor of this list.')
  return id
}
