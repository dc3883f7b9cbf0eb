import { parse, type AlterTableCmd, type CreateStmt, type Node, type RawStmt } from 'libpg-query'
import { judgeColumn, judgeConstraint, judgeIndex } from './expand-table.ts'
import { calledFunctions, makeKnown, nameOf, tableOf, type Known } from './expand-known.ts'

/** A statement that the release before might not survive, and why. */
export type Contraction = { statement: string; reason: string }

/**
 * What keeps a migration from being purely expanding; empty when it is. Expanding means: the release before goes on reading and writing as
 * if it had never been applied, so that it may run during the migration and after it. Judged by PostgreSQL's own parser; what no rule here knows
 * is taken to contract. Not judged: how long a lock is held, and whether a column's new name makes one that the release before writes
 * without its table ambiguous.
 * @param earlier the SQL of all migrations before it, which says what was there
 */
export async function whatContracts(sql: string, earlier: readonly string[] = []): Promise<Contraction[]> {
  const known = makeKnown((await Promise.all(earlier.map(statementsOf))).flat())
  let statements: RawStmt[]
  try {
    statements = await statementsOf(sql)
  } catch (error) {
    return [{ statement: firstLine(sql), reason: error instanceof Error ? error.message : String(error) }]
  }
  const source = Buffer.from(sql)
  return statements.flatMap((raw) => {
    const reason = raw.stmt === undefined ? 'it is empty' : judge(raw.stmt, known)
    return reason === undefined ? [] : [{ statement: textOf(source, raw), reason }]
  })
}

async function statementsOf(sql: string): Promise<RawStmt[]> {
  return sql.trim() === '' ? [] : ((await parse(sql)).stmts ?? [])
}

/** Why the statement contracts; undefined when it only expands, and then what it makes is known to those after it. */
function judge(node: Node, known: Known): string | undefined {
  if ('CreateStmt' in node) return judgeTable(node.CreateStmt, known)
  if ('AlterTableStmt' in node) {
    const { relation, cmds = [], objtype, missing_ok } = node.AlterTableStmt
    const table = tableOf(relation)
    if (table === undefined || objtype !== 'OBJECT_TABLE' || missing_ok) return unknownReason
    for (const each of cmds) {
      const reason = 'AlterTableCmd' in each ? judgeChange(table, each.AlterTableCmd, known) : unknownReason
      if (reason !== undefined) return reason
    }
    return undefined
  }
  if ('IndexStmt' in node) return judgeIndex(node.IndexStmt, known)
  if ('CreateEnumStmt' in node) {
    known.enums.add(nameOf(node.CreateEnumStmt.typeName))
    return undefined
  }
  // Tried: one row with a value that its client does not know, and every query of Prisma's that meets it fails.
  if ('AlterEnumStmt' in node) return 'the release before cannot read rows that have a value it does not know'
  if ('CreateFunctionStmt' in node) {
    const name = nameOf(node.CreateFunctionStmt.funcname)
    if (node.CreateFunctionStmt.replace) return 'it may replace a function that the release before calls'
    if (known.oldFunctions.has(name))
      return `there is a function ${name} already, which calls may confuse with it`
    known.newFunctions.add(name)
    return undefined
  }
  if ('CreateTrigStmt' in node) {
    const { relation, funcname, replace, isconstraint } = node.CreateTrigStmt
    const table = tableOf(relation)
    if (replace || isconstraint) return unknownReason
    if (table === undefined || !known.newTables.has(table))
      return `it acts on what the release before writes to ${table}`
    known.triggered.add(table)
    return known.newFunctions.has(nameOf(funcname)) || known.oldFunctions.has(nameOf(funcname))
      ? undefined
      : unknownReason
  }
  if ('ViewStmt' in node)
    return node.ViewStmt.replace || tableOf(node.ViewStmt.view) === undefined ? unknownReason : undefined
  if ('CreateSeqStmt' in node)
    return node.CreateSeqStmt.if_not_exists || tableOf(node.CreateSeqStmt.sequence) === undefined
      ? unknownReason
      : undefined
  if ('CommentStmt' in node) return undefined
  if ('InsertStmt' in node) {
    const table = tableOf(node.InsertStmt.relation)
    if (table === undefined || !known.newTables.has(table))
      return `it writes rows into ${table}, which was there before`
    return judgeInsert(node, table, known)
  }
  return unknownReason
}

const unknownReason = 'no rule says that the release before survives it'

function judgeTable(create: CreateStmt, known: Known): string | undefined {
  const table = tableOf(create.relation)
  if (table === undefined || create.relation?.relpersistence !== 'p') return unknownReason
  if (create.if_not_exists) return 'IF NOT EXISTS: the table may be there already'
  // A child's rows are seen in its parent.
  if (create.inhRelations || create.partbound || create.ofTypename) return unknownReason
  known.newTables.add(table)
  for (const element of create.tableElts ?? []) {
    if ('ColumnDef' in element) {
      for (const each of element.ColumnDef.constraints ?? []) {
        const reason = 'Constraint' in each ? judgeConstraint(table, each.Constraint, known) : unknownReason
        if (reason !== undefined) return reason
      }
    } else if ('Constraint' in element) {
      const reason = judgeConstraint(table, element.Constraint, known)
      if (reason !== undefined) return reason
    } else return unknownReason
  }
  known.expressions.push(create)
  return undefined
}

function judgeChange(table: string, change: AlterTableCmd, known: Known): string | undefined {
  const { subtype, def } = change
  if (subtype === 'AT_AddColumn' && def && 'ColumnDef' in def && !change.missing_ok)
    return judgeColumn(table, def.ColumnDef, known)
  if (subtype === 'AT_AddConstraint' && def && 'Constraint' in def)
    return judgeConstraint(table, def.Constraint, known)
  const onNewTable = ['AT_ColumnDefault', 'AT_SetNotNull', 'AT_DropNotNull', 'AT_DropConstraint']
  if (known.newTables.has(table) && subtype && onNewTable.includes(subtype)) {
    known.expressions.push(change)
    return undefined
  }
  return subtype?.startsWith('AT_Drop')
    ? `it takes away what the release before has in ${table}`
    : unknownReason
}

/** Filling a new table may run code: defaults, checks, triggers. All of it has to be known not to write. */
function judgeInsert(node: Node, table: string, known: Known): string | undefined {
  if (known.triggered.has(table)) return `a trigger of ${table} may write elsewhere`
  if (
    /"(?:Insert|Update|Delete|Merge)Stmt"|"lockingClause"/.test(
      JSON.stringify(node).slice('{"InsertStmt"'.length),
    )
  )
    return 'it changes or locks other rows on the way'
  const called = [...calledFunctions(node), ...known.expressions.flatMap(calledFunctions)]
  const foreign = called.find((name) => !harmless.has(name))
  return foreign === undefined ? undefined : `it may call ${foreign}, which may write elsewhere`
}

const harmless = new Set([
  'now',
  'gen_random_uuid',
  'lower',
  'upper',
  'length',
  'char_length',
  'btrim',
  'abs',
  'round',
  'floor',
  'ceil',
  'date_trunc',
  'jsonb_build_object',
  'to_jsonb',
  'jsonb_typeof',
  'generate_series',
  'min',
  'max',
  'sum',
  'count',
  'nextval',
])

function textOf(source: Buffer, { stmt_location = 0, stmt_len }: RawStmt): string {
  const end = stmt_len === undefined ? source.length : stmt_location + stmt_len
  return firstLine(source.subarray(stmt_location, end).toString('utf8'))
}

/** Without the comments before it, on one line, and not too long for a message. */
function firstLine(sql: string): string {
  const text = sql
    .replace(/^(?:\s*--[^\n]*\n)+/, '')
    .replace(/\s+/g, ' ')
    .trim()
  return text.length > 160 ? `${text.slice(0, 159)}…` : text
}
