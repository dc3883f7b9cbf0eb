import type { PositionType } from './bot.ts'
import type { Wallet } from './exchange.ts'
import { VENUE_RECIPES } from './venue-recipes.ts'
import { decimal, type Decimal } from './money.ts'

/**
 * What we know of each venue beyond what ccxt says. `live` and `liveFutures`: LIVE bots may trade there, because its order lookup recipe is
 * proven by tests; everything else is PAPER only. Any other ccxt id works for PAPER.
 */
export type VenueFacts = {
  name: string
  live: boolean
  liveFutures: boolean
  realMoney: boolean
  minCheckIntervalSeconds: number
  /** Spot and futures are paid for from one wallet: there is nothing to transfer. */
  oneWallet: boolean
  /** autoTransferFunds works: the recipe of its transfers is proven by tests. */
  transfers: boolean
}

/** All but play money: how often a bot may look at most. */
const SLOW_SECONDS = 30

/**
 * What a venue lets one address do in a minute (in its own weights) and one account order in 10 seconds, where more is known than ccxt's
 * pace. Source: `rateLimits` of Binance's exchangeInfo.
 */
export type VenueLimits = { weightPerMinute: number; ordersPer10Seconds: number }

const LIMITS: Record<string, VenueLimits> = {
  sandbox: { weightPerMinute: 6000, ordersPer10Seconds: 50 },
  binance: { weightPerMinute: 6000, ordersPer10Seconds: 50 },
  // 600 calls in five seconds, each a weight of 5; the slower of its kinds of order 10 a second. Source: "Rate Limit Rules" of Bybit's v5 API.
  bybit: { weightPerMinute: 30_000, ordersPer10Seconds: 90 },
  // Counted by account and path (recipes/okx.ts); 60 orders in two seconds, which is for one market.
  okx: { weightPerMinute: 12_000, ordersPer10Seconds: 90 },
  // Each call weighs 5; an account's own counter is kept by kraken-pace.ts.
  kraken: { weightPerMinute: 1200, ordersPer10Seconds: 30 },
  // 500 in ten seconds, of which an order takes 10 and most questions 2.
  krakenfutures: { weightPerMinute: 3000, ordersPer10Seconds: 30 },
}

/** Of the futures API, where it is another one. */
const FUTURES_LIMITS: Record<string, VenueLimits> = {
  // It counts spot and futures together, and its bots may look every second.
  sandbox: { weightPerMinute: 6000, ordersPer10Seconds: 300 },
  binance: { weightPerMinute: 2400, ordersPer10Seconds: 300 },
}

export function venueLimits(exchange: string, side: Wallet = 'SPOT'): VenueLimits | null {
  return (side === 'FUTURES' ? FUTURES_LIMITS : LIMITS)[exchange] ?? null
}

/** From the table of recipes (venue-recipes.ts); a venue that is not in it is for PAPER only. */
export function venueFacts(exchange: string): VenueFacts {
  const recipes = VENUE_RECIPES.filter((recipe) => recipe.exchange === exchange)
  const sandbox = exchange === 'sandbox'
  return {
    name: recipes[0]?.name ?? exchange,
    live: recipes.some(({ kind, live }) => kind === 'SPOT' && live),
    liveFutures: recipes.some(({ kind, live }) => kind === 'FUTURES' && live),
    oneWallet: recipes.some(({ oneWallet }) => oneWallet),
    transfers: recipes.some(({ transfers }) => transfers),
    realMoney: !sandbox,
    minCheckIntervalSeconds: sandbox ? 1 : SLOW_SECONDS,
  }
}

/** Which wallet of the account pays for orders on such a market; SPOT where there is only one. */
export function walletOf(exchange: string, type: PositionType): Wallet {
  return type === 'FUTURES' && !venueFacts(exchange).oneWallet ? 'FUTURES' : 'SPOT'
}

/** Whether LIVE bots may trade markets of this type there. */
export function isLiveAt(exchange: string, type: PositionType): boolean {
  const facts = venueFacts(exchange)
  return type === 'FUTURES' ? facts.liveFutures : facts.live
}

/** What an entry's fee takes of the quote currency beyond the price, in percent of the notional, where a spot market's buyers pay it so: Kraken's highest. */
const QUOTE_FEE_PERC: Record<string, string> = { kraken: '0.8' }

/** 0 where a buyer's fee is taken from what he receives. Of SPOT markets. */
export function quoteFeePerc(exchange: string): Decimal {
  return decimal(QUOTE_FEE_PERC[exchange] ?? 0)
}

/** Where the perpetuals of a firm are that has them at an exchange of its own; null: here, or nowhere. */
export function perpetualsAt(exchange: string): string | null {
  return exchange === 'kraken' ? 'krakenfutures' : null
}
