import type { Node, RangeVar, RawStmt } from 'libpg-query'

/** A column that this migration adds to a table that was there: what rows of the release before have in it. */
export type NewColumn = { name: string; value: 'null' | Node }

/** What a migration has made so far, and what was there before it. */
export type Known = {
  newTables: Set<string>
  /** By table. */
  newColumns: Map<string, NewColumn[]>
  newFunctions: Set<string>
  oldFunctions: Set<string>
  /** Earlier ones too: types that cannot refuse a row. */
  enums: Set<string>
  /** New tables that have a trigger. */
  triggered: Set<string>
  /** What writing to the new tables may evaluate. */
  expressions: object[]
}

export function makeKnown(earlier: RawStmt[]): Known {
  const known: Known = {
    newTables: new Set(),
    newColumns: new Map(),
    newFunctions: new Set(),
    oldFunctions: new Set(),
    enums: new Set(),
    triggered: new Set(),
    expressions: [],
  }
  for (const { stmt } of earlier) {
    if (stmt && 'CreateEnumStmt' in stmt) known.enums.add(nameOf(stmt.CreateEnumStmt.typeName))
    if (stmt && 'CreateFunctionStmt' in stmt) known.oldFunctions.add(nameOf(stmt.CreateFunctionStmt.funcname))
  }
  return known
}

/** The table's name; undefined for one outside of the schema that TradeBot lives in. */
export function tableOf(relation: RangeVar | undefined): string | undefined {
  if (relation?.catalogname !== undefined) return undefined
  return relation?.schemaname === undefined || relation.schemaname === 'public'
    ? relation?.relname
    : undefined
}

/** The last part of a qualified name. */
export function nameOf(parts: Node[] | undefined): string {
  const last = parts?.at(-1)
  return last && 'String' in last ? (last.String.sval ?? '') : ''
}

/** The names of all functions called anywhere in a part of the tree. */
export function calledFunctions(tree: unknown): string[] {
  if (Array.isArray(tree)) return tree.flatMap(calledFunctions)
  if (typeof tree !== 'object' || tree === null) return []
  return Object.entries(tree).flatMap(([key, value]) => [
    ...(key === 'FuncCall' ? [nameOf(value.funcname)] : []),
    ...calledFunctions(value),
  ])
}
