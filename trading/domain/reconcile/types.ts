import type { OrderSide } from '../bot.ts'
import type { BotStatus } from '../bot-lifecycle.ts'
import type { VenueFill, VenueOrder } from '../exchange.ts'
import type { Decimal } from '../money.ts'
import type { Order } from '../order.ts'

/** One of our orders as the books have it, read after the account was asked. */
export type BookedOrder = Pick<
  Order,
  | 'id'
  | 'botId'
  | 'symbol'
  | 'clientOrderId'
  | 'exchangeOrderId'
  | 'side'
  | 'purpose'
  | 'status'
  | 'filled'
  | 'origin'
> & {
  /** It changed after the first question was sent, so the answers may be older than the books: nothing is concluded from it. */
  moved: boolean
  /** Sent a short while ago and thought never placed: it may still turn up, and what it did is in the balance already. */
  doubtful: boolean
}

/** A LIVE bot with this key on a market of the asset. Amounts in the asset. */
export type BookedBot = {
  id: string
  name: string
  symbol: string
  status: BotStatus
  held: Decimal
  /** Of what is held: SELL is a short. Null: nothing. */
  side: OrderSide | null
  dust: Decimal
  createdAt: Date
}

/** What the books say of one asset of one account. */
export type AssetBooks = {
  asset: string
  /** The largest amount step of its markets: a difference below it cannot be traded. */
  step: Decimal
  bots: readonly BookedBot[]
  /** Orders on markets that have the asset as base or quote: unsettled ones, and those that the account names. */
  orders: readonly BookedOrder[]
  /** Client ids of orders that the books have under another key: of the same account, and that key's to look after. */
  elsewhere: ReadonlySet<string>
}

/** What the exchange says of one market of the account; of a perpetual apart from the position. */
export type AccountMarket = {
  symbol: string
  base: string
  /** Nothing of this market was compared before: what a person did earlier is not news. */
  firstLook: boolean
  /** Asked first, then `orders`, and then the balance. */
  open: readonly VenueOrder[]
  orders: readonly VenueOrder[]
  /** Asked last, and only where the balance is short: until then none. */
  trades: readonly VenueFill[]
}

export type AssetAccount = { markets: readonly AccountMarket[]; total: Decimal }

/** An order at the exchange that none of us sent (a person's, or a liquidation), with those of its fills that the books miss. */
export type ForeignClose = { exchangeOrderId: string; fills: readonly VenueFill[]; liquidation: boolean }

export type OrderFinding =
  /** The books lag behind, or the exchange does not list what they think rests (`found` null): look it up now. */
  | { kind: 'SETTLE'; order: BookedOrder; found: VenueOrder | null; why: string }
  /** Rests at the exchange though the books are done with it, and nothing could use it any more. */
  | { kind: 'CANCEL'; order: BookedOrder; found: VenueOrder }
  /** Ours by its client id, but missing in the books, and one bot alone can have sent it. */
  | { kind: 'TAKE_OVER'; botId: string; symbol: string; found: VenueOrder }
  /** Ours by its client id, and several bots could have sent it. */
  | { kind: 'PAUSE'; subject: string; amount: null; botIds: readonly string[]; message: string }
  /** Nobody's: to be told once, and left alone. */
  | { kind: 'FOREIGN'; symbol: string; found: VenueOrder }

export type BalanceFinding =
  | { kind: 'MANUAL_CLOSE'; botId: string; symbol: string; closes: readonly ForeignClose[] }
  | { kind: 'PAUSE'; subject: string; amount: Decimal; botIds: readonly string[]; message: string }

/**
 * Rows of the books that do not agree with each other, which no order and no balance explains: somebody's hand at the database, or a backup.
 * Only a person has them put right, and only as far as fills prove it.
 */
export type Correction =
  /** The order's filled amount is not what its fills in the books add up to, and they are what the exchange says. */
  | { kind: 'RECOUNT_ORDER'; order: BookedOrder; filled: Decimal; found: VenueOrder }
  /** Fills are gone from the books; the order and the position still have them. */
  | { kind: 'RESTORE_FILLS'; order: BookedOrder; fills: readonly VenueFill[]; found: VenueOrder }
  /** The position is not what the bot's fills come to, and the account has what they come to. Amounts as BookedBot's `held`. */
  | { kind: 'RECOUNT_POSITION'; botId: string; symbol: string; held: Decimal; amount: Decimal }

export type Finding = OrderFinding | BalanceFinding | Correction

/**
 * `AGREES`: the account holds what the books say. `SHORT`: it holds less, and the findings say what to do. `UNSURE`: orders are on their way,
 * so the balance proves nothing yet; `short` says whether it looks short.
 */
export type Reconciliation = { findings: Finding[]; balance: 'AGREES' | 'SHORT' | 'UNSURE'; short: boolean }
