import { explainShortage, inMotion, shortageOf, toleranceOf } from './balance.ts'
import { compareOrders, isResting } from './orders.ts'
import type { AssetAccount, AssetBooks, Finding, Reconciliation } from './types.ts'

/**
 * Compares the books of one asset of one account with what the exchange says of it, and says what to do. Pure. Nothing is guessed: fills
 * come from the exchange, an order that moved meanwhile is not judged, and a balance says something only when no order is on its way.
 */
export function reconcile(books: AssetBooks, account: AssetAccount): Reconciliation {
  const short = shortageOf(books, account.total).gt(toleranceOf(books))
  const compared: Finding[] = account.markets
    .filter((market) => market.base === books.asset)
    .flatMap((market) => compareOrders(books, market))
  // Where something is missing, sells that are done may be what explains it: they are not strangers beside it.
  const findings = compared.filter(
    (finding) =>
      finding.kind !== 'FOREIGN' || !short || finding.found.side === 'BUY' || isResting(finding.found),
  )
  const unsettled =
    findings.some(({ kind }) => kind === 'SETTLE' || kind === 'CANCEL' || kind === 'TAKE_OVER') ||
    books.orders.some((order) => inMotion(order, account.markets))
  if (unsettled) return { findings, balance: 'UNSURE', short }
  if (!short) return { findings, balance: 'AGREES', short }
  return { findings: [...findings, explainShortage(books, account)], balance: 'SHORT', short }
}
