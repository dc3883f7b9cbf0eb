import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import type { Actor } from '../domain/actor.ts'
import { aPerpetual } from '../domain/bot.fixture.ts'
import type { OrderSide } from '../domain/bot.ts'
import type { VenueFill } from '../domain/exchange.ts'
import { isLiquidated, liquidationFill } from '../domain/futures.ts'
import { type Decimal, decimal, plain, ZERO } from '../domain/money.ts'
import type { Order } from '../domain/order.ts'
import { anOrder, aSavedBot, aUser, lead } from './bot.fixture.ts'
import { bookEvidence, type Evidence } from './booking.ts'
import { loadSurroundings, lockBot, type LockedBot } from './bots.ts'
import { bookFunding, paperFunding } from './funding.ts'
import { liquidateOnPaper } from './liquidation.ts'
import { upsertMarkets } from './markets.ts'
import { lockOrder, markOrder } from './orders.ts'
import { inTransaction, type Tx } from './pool.ts'
import { withTestDatabase } from './testing.ts'

const CAPITAL = decimal(100_000)
const PRICES = new Map([['BNB', decimal('612.34')]])
const market = aPerpetual()
const db = withTestDatabase()
let actor: Actor
beforeAll(async () => {
  actor = await aUser(db.pool)
  await inTransaction(db.pool, (tx) => upsertMarkets(tx, 'sandbox', [{ ...market, volume24h: null }], ['1m']))
})

/** One order: what it does, in how many pieces it fills, and how the looks at it come in. */
const aStory = fc.record({
  side: fc.constantFrom('BUY' as const, 'SELL' as const),
  steps: fc.integer({ min: 2, max: 300 }),
  /** Grow what is held; otherwise leave so many per cent of it. */
  grows: fc.nat({ max: 3 }).map((roll) => roll === 0),
  part: fc.integer({ min: 20, max: 160 }),
  pieces: fc.array(
    fc.record({
      weight: fc.integer({ min: 1, max: 5 }),
      ticks: fc.integer({ min: 480_000, max: 520_000 }),
      feePart: fc.integer({ min: 0, max: 100 }),
      feeCurrency: fc.constantFrom('USDT', 'BNB', 'BTC'),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  filled: fc.constantFrom(1, 4, 4, 4),
  /** Thought never to have been placed, before it is found. */
  lost: fc.boolean(),
  /** Which fills each look shows, as bits. */
  looks: fc.array(fc.integer({ min: 0, max: 15 }), { maxLength: 2 }),
  markTicks: fc.integer({ min: 470_000, max: 530_000 }),
  funding: fc.option(fc.integer({ min: -300, max: 300 }), { nil: null }),
})
type Story = typeof aStory extends fc.Arbitrary<infer T> ? T : never

const PLAIN: Story = {
  side: 'SELL',
  steps: 100,
  grows: false,
  part: 100,
  pieces: [
    { weight: 1, ticks: 500_000, feePart: 50, feeCurrency: 'USDT' },
    { weight: 2, ticks: 500_001, feePart: 50, feeCurrency: 'BNB' },
  ],
  filled: 4,
  lost: false,
  looks: [2],
  markTicks: 500_000,
  funding: 7,
}
/** A short that is closed whole, and one that is liquidated: each run has them. */
const SURE: [Story[], number] = [[PLAIN, PLAIN, { ...PLAIN, markTicks: 520_000 }], 50]

let serial = 0

function fillsOf(story: Story, side: OrderSide, amount: Decimal): VenueFill[] {
  const exchangeOrderId = `f${++serial}`
  const weights = story.pieces.reduce((sum, piece) => sum + piece.weight, 0)
  let left = amount
  const fills = story.pieces.flatMap((piece, index): VenueFill[] => {
    const share = amount.times(piece.weight).div(weights).toDecimalPlaces(3, 1)
    const size = index === story.pieces.length - 1 ? left : share
    if (!size.gt(0)) return []
    left = left.minus(size)
    const price = decimal(piece.ticks).div(10)
    const fee = size.times(price).times(piece.feePart).div(100_000)
    const worth = { USDT: 1, BNB: 612, BTC: price }[piece.feeCurrency] ?? 1
    return [
      {
        tradeId: String(++serial),
        exchangeOrderId,
        side,
        amount: size,
        price,
        fee: fee.div(worth).toDecimalPlaces(8),
        feeCurrency: piece.feeCurrency,
        executedAt: new Date(1_700_000_000_000 + serial),
      },
    ]
  })
  return fills.slice(0, story.filled)
}

/** Looks that show some of the fills, in any order, and the last that shows all; then an old one once more. */
function looksOf(story: Story, fills: VenueFill[], amount: Decimal): Evidence[] {
  const exchangeOrderId = fills[0]?.exchangeOrderId ?? `f${++serial}`
  const look = (bits: number): Evidence => {
    const shown = fills.filter((_, index) => (bits >> index) % 2 === 1)
    const status = shown.length > 0 ? ('PARTIALLY_FILLED' as const) : ('OPEN' as const)
    return { status, exchangeOrderId, fills: shown, prices: PRICES }
  }
  const whole = fills.reduce((sum, fill) => sum.plus(fill.amount), ZERO).eq(amount)
  const end = whole ? ('FILLED' as const) : ('CANCELED' as const)
  const all: Evidence = { status: end, exchangeOrderId, fills: fills.toReversed(), prices: PRICES }
  return [...story.looks.map(look), all, look(5)]
}

type Seen = { fills: Map<string, VenueFill>; cash: Decimal; held: Decimal; fees: Decimal; funding: Decimal }

function see(seen: Seen, fills: readonly VenueFill[]): void {
  for (const fill of fills) {
    if (seen.fills.has(fill.tradeId)) continue
    seen.fills.set(fill.tradeId, fill)
    const sign = fill.side === 'BUY' ? 1 : -1
    const worth = fill.feeCurrency === 'BTC' ? fill.price : (PRICES.get(fill.feeCurrency) ?? 1)
    const fee = fill.fee.times(worth)
    seen.held = seen.held.plus(fill.amount.times(sign))
    seen.cash = seen.cash.minus(fill.amount.times(fill.price).times(sign)).minus(fee)
    seen.fees = seen.fees.plus(fee)
  }
}

async function expectBooks(botId: string, seen: Seen): Promise<void> {
  const { position } = await loadSurroundings(db.pool, botId)
  const { rows } = await db.pool.query<Record<string, string | null>>(
    `SELECT s.equity, s.mark_price, s.realized_pnl, s.daily_pnl, d.start_equity, d.fees, d.funding, d.realized_pnl AS day_realized,
       d.unrealized_pnl AS day_unrealized,
       (SELECT coalesce(sum(f.realized_pnl), 0) FROM fills f WHERE f.bot_id = s.bot_id) AS fill_realized,
       (SELECT coalesce(sum(f.fee_value), 0) FROM fills f WHERE f.bot_id = s.bot_id) AS fill_fees,
       (SELECT coalesce(sum(p.amount), 0) FROM funding_payments p WHERE p.bot_id = s.bot_id) AS paid,
       (SELECT coalesce(sum(p.realized_pnl), 0) FROM positions p WHERE p.bot_id = s.bot_id) AS positions_realized,
       (SELECT coalesce(sum(p.funding), 0) FROM positions p WHERE p.bot_id = s.bot_id) AS positions_funding,
       (SELECT count(*) FROM positions p WHERE p.bot_id = s.bot_id AND p.closed_at IS NOT NULL AND p.margin <> 0) AS bound
     FROM bot_states s JOIN bot_days d ON d.bot_id = s.bot_id WHERE s.bot_id = $1`,
    [botId],
  )
  const row = rows[0]
  if (row === undefined) throw new Error('the bot has no day')
  const money = (name: string) => plain(decimal(row[name] ?? 'missing'))
  const held = (position?.amount ?? ZERO).times(position?.side === 'SELL' ? -1 : 1)
  expect(plain(held), 'the position is the sum of the fills').toBe(plain(seen.held))
  expect(money('equity'), 'equity is cash and what is held, by the mark price').toBe(
    plain(CAPITAL.plus(seen.cash).plus(held.times(row['mark_price'] ?? 'missing'))),
  )
  const realized = plain(decimal(row['fill_realized'] ?? '').plus(seen.funding))
  for (const name of ['realized_pnl', 'day_realized', 'positions_realized'])
    expect(money(name), `${name} is that of all fills and fundings`).toBe(realized)
  for (const name of ['funding', 'paid', 'positions_funding']) expect(money(name)).toBe(plain(seen.funding))
  for (const name of ['fees', 'fill_fees']) expect(money(name)).toBe(plain(seen.fees))
  expect(money('start_equity')).toBe(plain(CAPITAL))
  expect(money('daily_pnl')).toBe(plain(decimal(row['day_realized'] ?? '').plus(row['day_unrealized'] ?? '')))
  expect(row['bound'], 'what is closed binds no margin').toBe('0')
  if (position !== null) expect(position.futures?.margin.gte(0)).toBe(true)
}

const withBot = <T>(botId: string, does: (tx: Tx, locked: LockedBot) => Promise<T>) =>
  inTransaction(db.pool, async (tx) => does(tx, await lockBot(tx, botId, {})))

const book = (botId: string, orderId: string, evidence: Evidence) =>
  withBot(botId, async (tx, locked) =>
    bookEvidence(tx, locked, await lockOrder(tx, orderId), market, evidence),
  )

/** What this story's order does: opens, grows, or leaves some of what is held. */
function orderOf(story: Story, seen: Seen): { side: OrderSide; purpose: Order['purpose']; amount: Decimal } {
  const own = seen.held.gt(0) ? ('BUY' as const) : ('SELL' as const)
  const amount = decimal(story.steps).div(1000)
  if (seen.held.isZero()) return { side: story.side, purpose: 'ENTRY', amount }
  if (story.grows) return { side: own, purpose: 'ENTRY', amount }
  const part = seen.held.abs().times(Math.min(story.part, 100)).div(100).toDecimalPlaces(3, 0)
  return { side: own === 'BUY' ? 'SELL' : 'BUY', purpose: 'EXIT', amount: part }
}

test('any story of longs and shorts: partial fills in any order, late ones, growth, partial closes, funding, liquidation', async () => {
  const told = { shorts: 0, fundings: 0, liquidated: 0, closed: 0 }
  await fc.assert(
    fc.asyncProperty(
      fc.array(aStory, { minLength: 3, maxLength: 5 }),
      fc.constantFrom(2, 20, 50, 100),
      async (stories, leverage) => {
        const futures = { positionType: 'FUTURES' as const, direction: 'BOTH' as const, leverage }
        const botId = await aSavedBot(db.pool, actor, {
          ...futures,
          symbol: market.symbol,
          initialCapital: CAPITAL,
        })
        await lead(db.pool, botId, 'RUNNING')
        const seen: Seen = { fills: new Map(), cash: ZERO, held: ZERO, fees: ZERO, funding: ZERO }
        for (const [index, story] of stories.entries()) {
          const mark = decimal(story.markTicks).div(10)
          await db.pool.query(`UPDATE bot_states SET mark_price = $2 WHERE bot_id = $1`, [botId, plain(mark)])
          const { side, purpose, amount } = orderOf(story, seen)
          const orderId = await anOrder(db.pool, botId, { status: 'SUBMITTING', side, purpose })
          if (story.lost)
            await inTransaction(db.pool, (tx) =>
              markOrder(tx, orderId, { status: 'NOT_PLACED', settleInMs: null }),
            )
          const made = fillsOf(story, side, amount)
          const before = seen.held
          for (const evidence of looksOf(story, made, amount)) {
            await book(botId, orderId, evidence)
            see(seen, evidence.fills)
            await expectBooks(botId, seen)
          }
          if (seen.held.isZero()) told.closed += 1
          else if (!before.isZero()) expect(seen.held.s, 'never flipped').toBe(before.s)
          if (seen.held.lt(0)) told.shorts += 1
          const { position } = await loadSurroundings(db.pool, botId)
          if (position === null) continue
          if (story.funding !== null) {
            const paid = position.amount.times(mark).times(story.funding).div(100_000)
            const at = new Date(Date.UTC(2100, 0, 1, index))
            const payment = { ...paperFunding(botId, at), amount: paid, currency: 'USDT' }
            expect(await withBot(botId, (tx, locked) => bookFunding(tx, locked, payment))).toBe(true)
            expect(await withBot(botId, (tx, locked) => bookFunding(tx, locked, payment)), 'once').toBe(false)
            seen.funding = seen.funding.plus(paid)
            seen.cash = seen.cash.plus(paid)
            told.fundings += 1
            await expectBooks(botId, seen)
          }
          if (await liquidated(botId, mark, seen)) {
            told.liquidated += 1
            await expectBooks(botId, seen)
            break
          }
        }
      },
    ),
    { numRuns: 8, examples: [SURE] },
  )
  expect(Math.min(told.shorts, told.closed, told.fundings, told.liquidated)).toBeGreaterThan(0)
})

/** Closes the position where the mark price has reached its liquidation price. */
async function liquidated(botId: string, mark: Decimal, seen: Seen): Promise<boolean> {
  const { position } = await loadSurroundings(db.pool, botId)
  if (position === null || !isLiquidated(position.side, mark, position.futures?.liquidationPrice ?? null))
    return false
  const end = liquidationFill(position, mark, market)
  await withBot(botId, (tx, locked) => liquidateOnPaper(tx, locked, market, end))
  const sign = position.side === 'BUY' ? 1 : -1
  seen.held = ZERO
  seen.cash = seen.cash.plus(position.amount.times(end.price).times(sign)).minus(end.fee)
  seen.fees = seen.fees.plus(end.fee)
  return true
}

test.for([
  { name: 'an exit that fills without a position', opens: null, exit: 'BUY' as const },
  { name: 'an exit of a long that meets a short', opens: 'SELL' as const, exit: 'SELL' as const },
  { name: 'an exit of more than is held', opens: 'BUY' as const, exit: 'SELL' as const },
])('$name is an orphan: recorded, never flipped, and the bot pauses', async ({ opens, exit }) => {
  const futures = { positionType: 'FUTURES' as const, direction: 'BOTH' as const, leverage: 5 }
  const botId = await aSavedBot(db.pool, actor, { ...futures, symbol: market.symbol })
  await lead(db.pool, botId, 'RUNNING')
  const fill = (side: OrderSide, amount: string): VenueFill => ({
    tradeId: String(++serial),
    exchangeOrderId: `o${serial}`,
    side,
    amount: decimal(amount),
    price: decimal(50_000),
    fee: ZERO,
    feeCurrency: 'USDT',
    executedAt: new Date(1_700_000_000_000 + serial),
  })
  if (opens !== null) {
    const entry = await anOrder(db.pool, botId, { status: 'SUBMITTING', side: opens })
    await book(botId, entry, { status: 'FILLED', exchangeOrderId: null, fills: [fill(opens, '0.001')] })
  }
  const order = await anOrder(db.pool, botId, { status: 'SUBMITTING', purpose: 'EXIT', side: exit })
  await book(botId, order, { status: 'FILLED', exchangeOrderId: null, fills: [fill(exit, '0.003')] })
  const { position } = await loadSurroundings(db.pool, botId)
  const kept = opens === exit
  expect(position?.side ?? null).toBe(kept ? opens : null)
  expect(position === null ? null : plain(position.amount)).toBe(kept ? '0.001' : null)
  const { rows } = await db.pool.query<{ status: string; pause_reason: string; realized: string }>(
    `SELECT status, pause_reason, trim_scale(realized_pnl)::text AS realized FROM bot_states WHERE bot_id = $1`,
    [botId],
  )
  expect(rows).toEqual([{ status: 'PAUSED', pause_reason: 'RECONCILIATION', realized: '0' }])
  const fills = await db.pool.query(`SELECT 1 FROM fills WHERE bot_id = $1 AND order_id = $2`, [botId, order])
  expect(fills.rowCount).toBe(1)
})
