import { changeHold, type Hold } from '../market/holds.ts'
import { type Listing, type Market, priceAt } from '../market/market.ts'
import type { Bar, PriceSource } from '../market/price-source.ts'
import { Money } from '../money.ts'
import type { ContractSpec } from './contracts.ts'

/**
 * A perpetual's three prices. The last price runs on the spot symbol's path, to the contract's own tick; the index
 * is the spot price; the mark price is the index less a hundredth of a percent, so that nobody takes the one for the other.
 */
export type Contract = {
  spec: ContractSpec
  last: Listing
  mark: Listing
  index: Listing
  /** Up to which moment its paths have been matched, and its fundings of the clock are settled. */
  matchedUntil: number
  fundedUntil: number
}

const MARK_TO_INDEX = 0.9999
/** A mark price has two decimals more than the contract's tick. */
const MARK_DECIMALS = 2

const scaled = (source: PriceSource, factor: number): PriceSource => {
  const scale = (bar: Bar): Bar => ({
    open: bar.open * factor,
    high: bar.high * factor,
    low: bar.low * factor,
    close: bar.close * factor,
    volume: bar.volume,
  })
  return {
    barMs: source.barMs,
    originMs: source.originMs,
    bar: (index) => scale(source.bar(index)),
    span: (from, to) => scale(source.span(from, to)),
  }
}

/** Under which name the holds of a contract's last and mark price are kept. */
const holdKeys = (symbol: string) => ({ last: `${symbol}@futures`, mark: `${symbol}@mark` })

export const openContract = (
  spec: ContractSpec,
  market: Market,
  holds: readonly Hold[],
  fundedUntil: number,
): Contract => {
  const index = market.get(spec.symbol)
  if (!index) throw new Error(`the perpetual ${spec.symbol} has no spot market`)
  const keys = holdKeys(spec.symbol)
  const held = (key: string) => holds.filter((hold) => hold.symbol === key)
  const markSpec = { ...spec, priceDecimals: spec.priceDecimals + MARK_DECIMALS }
  return {
    spec,
    index,
    last: { spec, source: index.source, holds: held(keys.last) },
    mark: { spec: markSpec, source: scaled(index.source, MARK_TO_INDEX), holds: held(keys.mark) },
    matchedUntil: 0,
    fundedUntil,
  }
}

const moneyOf = (listing: Listing, price: number) => new Money(price.toFixed(listing.spec.priceDecimals))

export const lastAt = ({ last }: Contract, time: number): Money => moneyOf(last, priceAt(last, time))
export const markAt = ({ mark }: Contract, time: number): Money => moneyOf(mark, priceAt(mark, time))
export const indexAt = ({ index }: Contract, time: number): Money => moneyOf(index, priceAt(index, time))

const lasting = (listing: Listing): Hold | undefined => {
  const hold = listing.holds.at(-1)
  return hold && hold.to === null ? hold : undefined
}

/** Ends the hold that lasts and begins another, unless `price` is null. Returns what changed. */
const change = (listing: Listing, key: string, price: number | null, apart: boolean, now: number): Hold[] =>
  changeHold(
    listing.holds,
    price === null ? null : { symbol: key, price: Number(price.toFixed(listing.spec.priceDecimals)), apart },
    now,
  )

/** Holds last and mark price where the spot price is held now, or lets them go with it; not what is held apart. */
export const followSpot = (contract: Contract, now: number): Hold[] => {
  const price = lasting(contract.index)?.price ?? null
  const keys = holdKeys(contract.spec.symbol)
  const followed = (which: 'last' | 'mark') =>
    lasting(contract[which])?.apart ? [] : change(contract[which], keys[which], price, false, now)
  return [...followed('last'), ...followed('mark')]
}

/** Holds the last or the mark price apart from the spot price; null: lets it follow again. */
export const holdApart = (
  contract: Contract,
  which: 'last' | 'mark',
  price: Money | null,
  now: number,
): Hold[] => {
  const key = holdKeys(contract.spec.symbol)[which]
  if (price) return change(contract[which], key, price.toNumber(), true, now)
  return change(contract[which], key, lasting(contract.index)?.price ?? null, false, now)
}
