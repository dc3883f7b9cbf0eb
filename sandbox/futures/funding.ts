import { type Changes, numbered, touchRow } from '../exchange/store.ts'
import { hashText, unit } from '../market/hash.ts'
import { Money } from '../money.ts'
import { type Contract, markAt } from './prices.ts'
import type { ExtraFunding } from './records.ts'
import { addIncome, type Futures, holdersOf, positionOf, touchWallet } from './state.ts'

/** 00:00, 08:00 and 16:00 UTC. */
export const FUNDING_EVERY_MS = 8 * 3_600_000
/** A sandbox that was away for longer than this many fundings settles the latest ones only. */
const MOST_MISSED = 1000

const INTEREST = 0.0001
const SWING = 0.0003

export const nextFundingTime = (now: number): number =>
  (Math.floor(now / FUNDING_EVERY_MS) + 1) * FUNDING_EVERY_MS

/** The rate that is settled at a funding time: interest and a premium that changes its sign now and then. */
export const rateAt = (symbol: string, time: number): Money =>
  new Money(
    (INTEREST + SWING * (unit(hashText(symbol), Math.floor(time / FUNDING_EVERY_MS)) - 0.5)).toFixed(8),
  )

/** Longs pay shorts `rate` of their notional at the mark price, or get it where the rate is below 0. Margins of isolated positions bear it. */
const settle = (
  state: Futures,
  changes: Changes,
  { spec }: Contract,
  { rate, mark, time }: { rate: Money; mark: Money; time: number },
): number => {
  let settled = 0
  for (const wallet of holdersOf(state, spec.symbol)) {
    const position = positionOf(wallet, spec.symbol)
    const amount = position.amount.mul(mark).mul(rate).neg().toDecimalPlaces(8, Money.ROUND_HALF_EVEN)
    if (amount.isZero()) continue
    if (position.isolated) position.margin = position.margin.plus(amount)
    addIncome(state, changes, wallet, { symbol: spec.symbol, type: 'FUNDING_FEE', amount }, time)
    touchWallet(state, changes, wallet, spec.symbol)
    settled++
  }
  return settled
}

/** Settles the fundings of the clock that are due, those missed while the sandbox was away included. */
export const settleFundings = (state: Futures, changes: Changes, contract: Contract, now: number): void => {
  const { symbol } = contract.spec
  const newest = nextFundingTime(now) - FUNDING_EVERY_MS
  if (contract.fundedUntil >= newest) return
  const oldest = Math.max(contract.fundedUntil, newest - MOST_MISSED * FUNDING_EVERY_MS)
  for (let time = oldest + FUNDING_EVERY_MS; time <= newest; time += FUNDING_EVERY_MS)
    settle(state, changes, contract, { rate: rateAt(symbol, time), mark: markAt(contract, time), time })
  contract.fundedUntil = newest
  touchRow(changes, 'contract', symbol, { symbol, fundedUntil: newest })
}

/** Settles one funding now, at the rate that is shown or another. Returns what it was and how many wallets it met. */
export const fundNow = (
  state: Futures,
  changes: Changes,
  contract: Contract,
  wanted: Money | undefined,
  now: number,
): ExtraFunding & { positions: number } => {
  const { symbol } = contract.spec
  const before = state.extraFundings.findLast((funding) => funding.symbol === symbol)?.time ?? 0
  const funding = {
    symbol,
    // One funding a millisecond: they are kept by their time.
    time: Math.max(now, before + 1),
    rate: wanted ?? rateAt(symbol, nextFundingTime(now)),
    mark: markAt(contract, now),
  }
  state.extraFundings.push(funding)
  touchRow(changes, 'extra-funding', numbered(symbol, funding.time), funding)
  return { ...funding, positions: settle(state, changes, contract, funding) }
}

/** Settled rates of [from, to], oldest first: those of the clock, which are the same before the sandbox first ran, and the extra ones. */
export const fundingHistory = (
  state: Futures,
  contract: Contract,
  from: number,
  to: number,
  most: number,
): ExtraFunding[] => {
  const { symbol } = contract.spec
  const rows: ExtraFunding[] = state.extraFundings.filter(
    (funding) => funding.symbol === symbol && funding.time >= from && funding.time <= to,
  )
  const first = Math.ceil(from / FUNDING_EVERY_MS) * FUNDING_EVERY_MS
  for (let time = first, i = 0; time <= to && i < most; time += FUNDING_EVERY_MS, i++)
    rows.push({ symbol, time, rate: rateAt(symbol, time), mark: markAt(contract, time) })
  return rows.sort((a, b) => a.time - b.time)
}
