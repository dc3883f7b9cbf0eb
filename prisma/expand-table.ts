import type { ColumnDef, Constraint, IndexStmt, Node } from 'libpg-query'
import { cannotFail, isConstant, oldRowsPass } from './expand-expression.ts'
import { nameOf, tableOf, type Known } from './expand-known.ts'

/** Why a new column would trouble the release before, which writes rows without it; undefined when it does not. */
export function judgeColumn(table: string, column: ColumnDef, known: Known): string | undefined {
  const { colname: name = '', constraints = [] } = column
  if (known.newTables.has(table)) {
    known.expressions.push(column)
    for (const each of constraints) {
      const reason =
        'Constraint' in each ? judgeConstraint(table, each.Constraint, known) : 'it is not understood'
      if (reason !== undefined) return reason
    }
    return undefined
  }
  if (!isHarmlessType(column, known))
    return `the type of ${name} is not one that is known to take every value`
  const added = { name, value: 'null' as 'null' | Node }
  const checks: Constraint[] = []
  let required = false
  for (const each of constraints) {
    const constraint = 'Constraint' in each ? each.Constraint : {}
    if (constraint.contype === 'CONSTR_NOTNULL') required = true
    else if (constraint.contype === 'CONSTR_DEFAULT') {
      if (!constraint.raw_expr || !isConstant(constraint.raw_expr))
        return `the default of ${name} is not a constant`
      added.value = constraint.raw_expr
    } else if (constraint.contype !== 'CONSTR_NULL') checks.push(constraint)
  }
  if (required && (added.value === 'null' || isNull(added.value)))
    return `the release before writes rows of ${table} without ${name}, which is NOT NULL and has no default`
  if (added.value !== 'null' && isNull(added.value)) added.value = 'null'
  const others = known.newColumns.get(table) ?? []
  if (others.some((column) => column.name === name)) return `${name} is added twice`
  known.newColumns.set(table, [...others, added])
  for (const constraint of checks) {
    const reason = judgeConstraint(
      table,
      { ...constraint, fk_attrs: [{ String: { sval: name } }], keys: [{ String: { sval: name } }] },
      known,
    )
    if (reason !== undefined) return reason
  }
  return undefined
}

/** Why a constraint might refuse what the release before does; undefined when it cannot. */
export function judgeConstraint(table: string, constraint: Constraint, known: Known): string | undefined {
  const isNew = known.newTables.has(table)
  const columns = known.newColumns.get(table) ?? []
  const what = `constraint ${constraint.conname ?? ''} on ${table}`.replace('  ', ' ')
  switch (constraint.contype) {
    case 'CONSTR_FOREIGN':
      return judgeReference(constraint, isNew, (name) => isEmptyColumn(columns, name), what, known)
    case 'CONSTR_CHECK':
      if (isNew) {
        known.expressions.push(constraint)
        return undefined
      }
      return constraint.raw_expr && oldRowsPass(constraint.raw_expr, columns)
        ? undefined
        : `${what} may refuse rows that the release before writes`
    case 'CONSTR_UNIQUE':
      if (isNew) return undefined
      return !constraint.indexname &&
        !constraint.nulls_not_distinct &&
        (constraint.keys ?? []).some((key) => isEmptyColumn(columns, nameOf([key])))
        ? undefined
        : `${what} may refuse rows that the release before writes`
    case 'CONSTR_NOTNULL':
    case 'CONSTR_NULL':
    case 'CONSTR_DEFAULT':
    case 'CONSTR_PRIMARY':
    case 'CONSTR_IDENTITY':
    case 'CONSTR_GENERATED':
      if (isNew) known.expressions.push(constraint)
      return isNew ? undefined : `${what} may refuse rows that the release before writes`
    default:
      return `${what} is of a kind that no rule knows`
  }
}

/** Why an index might refuse what the release before writes; undefined when it cannot. */
export function judgeIndex(index: IndexStmt, known: Known): string | undefined {
  const table = tableOf(index.relation)
  if (table === undefined || index.concurrent || index.if_not_exists || index.tableSpace)
    return 'no rule knows such an index'
  if (known.newTables.has(table)) {
    known.expressions.push(index)
    return undefined
  }
  const columns = known.newColumns.get(table) ?? []
  const names = (index.indexParams ?? []).map((each) =>
    'IndexElem' in each ? each.IndexElem.name : undefined,
  )
  // An expression, or a condition, may fail for a row, and then the row is refused.
  if (names.includes(undefined))
    return `its expression may fail for rows that the release before writes to ${table}`
  if (index.whereClause && !cannotFail(index.whereClause))
    return `its condition may fail for rows that the release before writes to ${table}`
  if (!['btree', 'hash'].includes(index.accessMethod ?? '')) return 'no rule knows such an index'
  if (!index.unique) return undefined
  return !index.nulls_not_distinct && names.some((name) => isEmptyColumn(columns, name))
    ? undefined
    : `it may refuse rows that the release before writes to ${table}`
}

/** A row that is referred to must stay as easy to delete and to change as it was. */
function judgeReference(
  constraint: Constraint,
  fromNewTable: boolean,
  isEmpty: (name: string) => boolean,
  what: string,
  known: Known,
): string | undefined {
  const target = tableOf(constraint.pktable)
  if (target === undefined) return `${what} leads out of the schema`
  if (!fromNewTable) {
    const names = (constraint.fk_attrs ?? []).map((key) => nameOf([key]))
    if (constraint.fk_matchtype !== 's' || !names.some(isEmpty))
      return `${what} may refuse rows that the release before writes`
  }
  if (known.newTables.has(target)) return undefined
  const { fk_del_action: onDelete = '', fk_upd_action: onUpdate = '' } = constraint
  // c: CASCADE, n: SET NULL, d: SET DEFAULT. Rows of a table that was there must not vanish along.
  const allowed = fromNewTable ? 'cnd' : 'n'
  if (!allowed.includes(onDelete) || onDelete === '')
    return `${what} may keep the release before from deleting rows of ${target}, or delete others along`
  return 'cnd'.includes(onUpdate) && onUpdate !== ''
    ? undefined
    : `${what} may keep the release before from changing keys of ${target} (ON UPDATE)`
}

/** Whether rows of the release before have NULL there, in a column that is new. */
function isEmptyColumn(columns: { name: string; value: unknown }[], name: string | undefined): boolean {
  return columns.some((column) => column.name === name && column.value === 'null')
}

function isNull(node: Node): boolean {
  if ('TypeCast' in node && node.TypeCast.arg) return isNull(node.TypeCast.arg)
  return 'A_Const' in node && node.A_Const.isnull === true
}

const builtIn = new Set([
  'int2',
  'int4',
  'int8',
  'float4',
  'float8',
  'numeric',
  'text',
  'varchar',
  'bool',
  'timestamptz',
  'timestamp',
  'date',
  'time',
  'interval',
  'json',
  'jsonb',
  'uuid',
  'bytea',
  'inet',
])

/** Of PostgreSQL's own or an enum. A domain may refuse NULL, or what the default is. */
function isHarmlessType({ typeName, collClause }: ColumnDef, known: Known): boolean {
  if (!typeName || typeName.setof || typeName.pct_type || collClause) return false
  const name = nameOf(typeName.names)
  return builtIn.has(name) || known.enums.has(name)
}
