import type { VenueFill, VenueOrder } from '../exchange.ts'
import { type Decimal, plain, ZERO } from '../money.ts'
import { isResting, isSame, listOf } from './orders.ts'
import type {
  AccountMarket,
  AssetBooks,
  BalanceFinding,
  BookedBot,
  BookedOrder,
  Correction,
  Finding,
  Reconciliation,
} from './types.ts'

/** What the books have of fills. Read for a person only: it costs more than all the rest of the books. */
export type FillFacts = {
  /** By order id; an order without a fill is missing. */
  orders: ReadonlyMap<string, { filled: Decimal; tradeIds: ReadonlySet<string> }>
  /**
   * By bot id: what all of its fills come to in the asset, longs up, shorts down. Null where more than fills changed what it holds (a speck was
   * written off, another key came, more was sold than held), so that they prove nothing; a bot without a fill is missing.
   */
  bots: ReadonlyMap<string, Decimal | null>
}

/** One market with its orders and trades from as far back as the positions go. */
export type DeepMarket = Pick<AccountMarket, 'symbol' | 'base' | 'open' | 'orders' | 'trades'> & {
  futures: boolean
}

/**
 * Rows of the books against each other and against the exchange's fills, which no other rule looks at. Pure. What fills prove is put right
 * (`fits`: would the account have what the positions then say?); what they contradict is asked of a person.
 */
export function correctionsOf(
  books: AssetBooks,
  markets: readonly DeepMarket[],
  facts: FillFacts,
  fits: (amounts: ReadonlyMap<string, Decimal>) => boolean,
): Finding[] {
  const findings: Finding[] = []
  const recounts: Extract<Correction, { kind: 'RECOUNT_POSITION' }>[] = []
  for (const market of markets) {
    const ofOrders = judgeOrders(books, market, facts)
    findings.push(...ofOrders.findings)
    for (const bot of books.bots.filter(({ symbol }) => symbol === market.symbol)) {
      if (ofOrders.doubted.has(bot.id)) continue
      const finding = judgePosition(bot, market, facts)
      if (finding?.kind === 'RECOUNT_POSITION') recounts.push(finding)
      else if (finding !== null) findings.push(finding)
    }
  }
  const corrected = new Map(recounts.map((one) => [one.botId, one.amount]))
  return recounts.length > 0 && fits(corrected) ? [...findings, ...recounts] : findings
}

/** What both judgements come to: a correction goes before what would explain the same difference otherwise. */
export function withCorrections(found: Reconciliation, corrections: readonly Finding[]): Reconciliation {
  const unsure = found.balance === 'UNSURE'
  const kept = corrections.filter(({ kind }) => kind !== 'RECOUNT_POSITION' || !unsure)
  const orders = new Set(kept.flatMap((one) => ('order' in one ? [one.order.id] : [])))
  const recounted = kept.some(({ kind }) => kind === 'RECOUNT_POSITION')
  const others = found.findings.filter((one) => {
    if (one.kind === 'SETTLE') return !orders.has(one.order.id)
    const ofBalance = one.kind === 'MANUAL_CLOSE' || (one.kind === 'PAUSE' && one.amount !== null)
    return !(recounted && ofBalance)
  })
  return { ...found, findings: [...others, ...kept] }
}

function judgeOrders(
  books: AssetBooks,
  market: DeepMarket,
  facts: FillFacts,
): { findings: Finding[]; doubted: Set<string> } {
  const findings: Finding[] = []
  const lost: Lost[] = []
  const doubted = new Set<string>()
  const listed = [...listOf({ ...market, firstLook: false }).values()]
  for (const order of books.orders) {
    if (order.symbol !== market.symbol || !isJudged(order)) continue
    const found = listed.find((one) => isSame(order, one))
    if (found === undefined) continue
    const told = facts.orders.get(order.id)?.filled ?? ZERO
    if (told.gt(found.filled)) {
      doubted.add(order.botId)
      findings.push(askAbout(books, market, order, told.minus(found.filled), phantom(order, found, told)))
    } else if (told.eq(found.filled)) {
      if (!order.filled.eq(told)) findings.push({ kind: 'RECOUNT_ORDER', order, filled: told, found })
    } else if (told.lt(order.filled)) {
      const known = facts.orders.get(order.id)?.tradeIds ?? new Set()
      const fills = market.trades.filter(
        (fill) => fill.exchangeOrderId === found.exchangeOrderId && !known.has(fill.tradeId),
      )
      lost.push({ order, found, fills, told })
    }
  }
  for (const botId of new Set(lost.map(({ order }) => order.botId))) {
    doubted.add(botId)
    const ofBot = lost.filter(({ order }) => order.botId === botId)
    findings.push(...judgeLost(books, market, facts, botId, ofBot))
  }
  return { findings, doubted }
}

type Lost = { order: BookedOrder; found: VenueOrder; fills: VenueFill[]; told: Decimal }

/** Fills are gone: does the position still have them, or is it to get them as if they were new? */
function judgeLost(
  books: AssetBooks,
  market: DeepMarket,
  facts: FillFacts,
  botId: string,
  lost: readonly Lost[],
): Finding[] {
  const bot = books.bots.find(({ id }) => id === botId)
  const ofBot = facts.bots.get(botId)
  const byBooks = ofBot === undefined ? ZERO : ofBot
  const complete = lost.every(({ found, fills, told }) => told.plus(sumOf(fills)).eq(found.filled))
  const all = lost.flatMap(({ fills }) => fills)
  if (bot !== undefined && byBooks !== null && complete) {
    const has = holdingOf(bot, market)
    if (has.eq(byBooks.plus(movedBy(all, market.base, market.futures))))
      return lost.map(({ order, found, fills }) => ({ kind: 'RESTORE_FILLS', order, found, fills }))
    if (has.eq(byBooks))
      return lost.map(({ order, found }) => ({
        kind: 'SETTLE',
        order,
        found,
        why: 'fills of it are missing in the books',
      }))
  }
  return lost.map(({ order, found, told }) =>
    askAbout(
      books,
      market,
      order,
      found.filled.minus(told),
      `Of order ${order.id} (${found.exchangeOrderId} at the exchange) the exchange has filled ${plain(found.filled)}, the books say ${plain(order.filled)} and have fills of ${plain(told)}: it cannot be told whether the position has the rest.`,
    ),
  )
}

function judgePosition(bot: BookedBot, market: DeepMarket, facts: FillFacts): Finding | null {
  const byFills = facts.bots.get(bot.id)
  if (byFills === undefined || byFills === null) return null
  const held = bot.side === 'SELL' ? bot.held.neg() : bot.held
  const should = market.futures ? byFills : byFills.minus(bot.dust)
  if (should.eq(held) || (!market.futures && should.isNegative())) return null
  const turned = !should.isZero() && should.isNegative() !== held.isNegative()
  if (!bot.held.isZero() && !turned)
    return {
      kind: 'RECOUNT_POSITION',
      botId: bot.id,
      symbol: market.symbol,
      held: bot.held,
      amount: should.abs(),
    }
  const has = bot.held.isZero() ? 'no position' : `${plain(held)} ${market.base}`
  return {
    kind: 'PAUSE',
    subject: `BOOKS ${market.symbol}`,
    amount: should.minus(held).abs(),
    botIds: [bot.id],
    message: `The fills of "${bot.name}" come to ${plain(should)} ${market.base} on ${market.symbol}, but its books have ${has}. Restore a backup of the database, or leave what the account holds beside the bot as your own, then resume.`,
  }
}

/** Settled or resting, as the books say, and sent by a bot: what is in doubt is looked up first. */
function isJudged({ moved, status, origin }: BookedOrder): boolean {
  if (moved || origin === 'MANUAL' || origin === 'LIQUIDATION') return false
  return status !== 'INTENDED' && status !== 'SUBMITTING' && status !== 'UNKNOWN' && status !== 'NOT_PLACED'
}

function askAbout(
  books: AssetBooks,
  { symbol }: DeepMarket,
  { botId }: BookedOrder,
  amount: Decimal,
  why: string,
): Extract<BalanceFinding, { kind: 'PAUSE' }> {
  const name = books.bots.find(({ id }) => id === botId)?.name ?? botId
  const advice = `Compare the trades of "${name}" with the exchange's; restore a backup of the database where the books are wrong, then resume.`
  return { kind: 'PAUSE', subject: `BOOKS ${symbol}`, amount, botIds: [botId], message: `${why} ${advice}` }
}

function phantom(order: BookedOrder, found: VenueOrder, told: Decimal): string {
  const rests = isResting(found) ? ' and still rests' : ''
  return `The books have fills of ${plain(told)} of order ${order.id} (${found.exchangeOrderId} at the exchange), but the exchange says that it filled ${plain(found.filled)}${rests}.`
}

/** As FillFacts counts: with the dust, which is no part of a SPOT position. */
function holdingOf(bot: BookedBot, { futures }: DeepMarket): Decimal {
  if (!futures) return bot.held.plus(bot.dust)
  return bot.side === 'SELL' ? bot.held.neg() : bot.held
}

/** What these fills did to what is held, in base currency: longs up, shorts down, fees in the coin itself taken off. */
export function movedBy(fills: readonly VenueFill[], base: string, futures: boolean): Decimal {
  return fills.reduce((sum, { side, amount, fee, feeCurrency }) => {
    const moved = sum.plus(side === 'BUY' ? amount : amount.neg())
    return !futures && feeCurrency === base ? moved.minus(fee) : moved
  }, ZERO)
}

function sumOf(fills: readonly VenueFill[]): Decimal {
  return fills.reduce((sum, { amount }) => sum.plus(amount), ZERO)
}
