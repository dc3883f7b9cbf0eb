import type { A_Expr, Node } from 'libpg-query'
import type { NewColumn } from './expand-known.ts'

/** Whether a default is the same for every row, and cannot fail for one of them. */
export function isConstant(node: Node): boolean {
  if ('A_Const' in node) return true
  if ('TypeCast' in node) return node.TypeCast.arg !== undefined && isConstant(node.TypeCast.arg)
  if ('A_ArrayExpr' in node) return (node.A_ArrayExpr.elements ?? []).every(isConstant)
  if ('SQLValueFunction' in node)
    return ['SVFOP_CURRENT_TIMESTAMP', 'SVFOP_CURRENT_DATE'].includes(node.SQLValueFunction.op ?? '')
  return false
}

/** Whether a condition can be asked of any row without an error: columns compared with constants, and NULL tests. */
export function cannotFail(node: Node): boolean {
  if ('BoolExpr' in node) return (node.BoolExpr.args ?? []).every(cannotFail)
  if ('ColumnRef' in node || 'A_Const' in node) return true
  if ('NullTest' in node) return node.NullTest.arg !== undefined && 'ColumnRef' in node.NullTest.arg
  if (!('A_Expr' in node)) return false
  const { kind, name, lexpr, rexpr } = node.A_Expr
  const known =
    kind === 'AEXPR_IN' ||
    kind === 'AEXPR_BETWEEN' ||
    (kind === 'AEXPR_OP' && comparisons.includes(operatorOf(name)))
  const sides = [lexpr, ...(rexpr && 'List' in rexpr ? (rexpr.List.items ?? []) : [rexpr])]
  return known && sides.every((side) => side !== undefined && ('ColumnRef' in side || 'A_Const' in side))
}

const comparisons = ['=', '<>', '<', '>', '<=', '>=']

function operatorOf(name: Node[] = []): string {
  return name.length === 1 && name[0] && 'String' in name[0] ? (name[0].String.sval ?? '') : ''
}

/**
 * What a condition yields, proven from this much: the columns named in it are new, and rows of the release before have NULL or the default
 * in them. Undefined: not proven.
 */
type Yield = 'true' | 'false' | 'null' | undefined

/** Whether a CHECK is proven to let rows of the release before pass: it does when it yields true, and when it yields NULL. */
export function oldRowsPass(node: Node, columns: readonly NewColumn[]): boolean {
  const yields = whatOldRowsYield(node, columns)
  return yields === 'true' || yields === 'null'
}

function whatOldRowsYield(node: Node, columns: readonly NewColumn[]): Yield {
  if ('BoolExpr' in node) {
    const yields = (node.BoolExpr.args ?? []).map((each) => whatOldRowsYield(each, columns))
    // What is not proven might fail, too.
    if (yields.includes(undefined)) return undefined
    const [decides, otherwise]: Yield[] =
      node.BoolExpr.boolop === 'AND_EXPR' ? ['false', 'true'] : ['true', 'false']
    if (node.BoolExpr.boolop === 'NOT_EXPR') return opposite(yields[0])
    return yields.includes(decides) ? decides : yields.includes('null') ? 'null' : otherwise
  }
  if ('NullTest' in node) {
    const value = node.NullTest.arg && valueOf(node.NullTest.arg, columns)
    if (value === undefined) return undefined
    return truth((value === 'null') === (node.NullTest.nulltesttype === 'IS_NULL'))
  }
  return 'A_Expr' in node ? comparisonYields(node.A_Expr, columns) : undefined
}

function opposite(yields: Yield): Yield {
  return yields === 'true' ? 'false' : yields === 'false' ? 'true' : yields
}

function truth(holds: boolean): Yield {
  return holds ? 'true' : 'false'
}

/** PostgreSQL's comparisons are strict: with NULL on a side they yield NULL. */
function comparisonYields({ kind, lexpr, rexpr, name }: A_Expr, columns: readonly NewColumn[]): Yield {
  const operator = operatorOf(name)
  const left = lexpr && valueOf(lexpr, columns)
  if (left === undefined || rexpr === undefined) return undefined
  if (kind === 'AEXPR_IN' || kind === 'AEXPR_BETWEEN') {
    const list = 'List' in rexpr ? (rexpr.List.items ?? []).map((item) => valueOf(item, columns)) : []
    if (list.length === 0 || list.some((value) => value === undefined)) return undefined
    if (left === 'null') return 'null'
    // That two texts differ proves nothing: their types may make them equal.
    return kind === 'AEXPR_IN' && operator === '=' && list.some((value) => same(value, left))
      ? 'true'
      : undefined
  }
  const right = valueOf(rexpr, columns)
  if (kind !== 'AEXPR_OP' || right === undefined) return undefined
  if (left === 'null' || right === 'null') return comparisons.includes(operator) ? 'null' : undefined
  const [one, other] = [integerOf(left), integerOf(right)]
  if (one === undefined || other === undefined)
    return operator === '=' && same(left, right) ? 'true' : undefined
  switch (operator) {
    case '=':
      return truth(one === other)
    case '<>':
      return truth(one !== other)
    case '<':
      return truth(one < other)
    case '<=':
      return truth(one <= other)
    case '>':
      return truth(one > other)
    case '>=':
      return truth(one >= other)
    default:
      return undefined
  }
}

/** The constant that stands there, or that a new column has in rows of the release before. */
function valueOf(node: Node, columns: readonly NewColumn[]): 'null' | Node | undefined {
  if ('A_Const' in node) return node.A_Const.isnull ? 'null' : node
  if (!('ColumnRef' in node)) return undefined
  const [field, ...more] = node.ColumnRef.fields ?? []
  if (!field || more.length > 0 || !('String' in field)) return undefined
  const { sval } = field.String
  const value = columns.find((column) => column.name === sval)?.value
  // now() and the like are constants of their moment, and say nothing here.
  return value === undefined || value === 'null' || 'A_Const' in value ? value : undefined
}

function same(one: unknown, other: unknown): boolean {
  return withoutPlaces(one) === withoutPlaces(other)
}

function withoutPlaces(node: unknown): string {
  return JSON.stringify(node, (key, value) => (key === 'location' ? undefined : value))
}

/** The parser leaves zero out. */
function integerOf(node: 'null' | Node): number | undefined {
  return node !== 'null' && 'A_Const' in node && node.A_Const.ival ? (node.A_Const.ival.ival ?? 0) : undefined
}
