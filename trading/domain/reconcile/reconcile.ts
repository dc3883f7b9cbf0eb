import { explainShortage, inMotion, shortageOf, toleranceOf } from './balance.ts'
import { compareOrders, isResting } from './orders.ts'
import type { AssetAccount, AssetBooks, Finding, Reconciliation } from './types.ts'

/**
 * Compares the books of one asset of one account with what the exchange says of it, and says what to do. Pure. Nothing is guessed: fills
 * come from the exchange, an order that moved meanwhile is not judged, and a balance says something only when no order is on its way.
 */
export function reconcile(books: AssetBooks, account: AssetAccount): Reconciliation {
  const findings: Finding[] = account.markets
    .filter((market) => market.base === books.asset)
    .flatMap((market) => compareOrders(books, market))
  const short = shortageOf(books, account.total).gt(toleranceOf(books))
  const unsettled =
    findings.some(({ kind }) => kind === 'SETTLE' || kind === 'CANCEL' || kind === 'TAKE_OVER') ||
    books.orders.some((order) => inMotion(order, account.markets))
  if (unsettled) return { findings, balance: 'UNSURE', short }
  if (!short) return { findings, balance: 'AGREES', short }
  // Sells that are done are part of the explanation, not strangers beside it.
  const others = findings.filter(
    (finding) => finding.kind !== 'FOREIGN' || finding.found.side === 'BUY' || isResting(finding.found),
  )
  return { findings: [...others, explainShortage(books, account)], balance: 'SHORT', short }
}
