import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import type { Actor } from '../domain/actor.ts'
import { aMarket } from '../domain/bot.fixture.ts'
import type { VenueFill } from '../domain/exchange.ts'
import { type Decimal, decimal, plain, ZERO } from '../domain/money.ts'
import { sellableAmount } from '../domain/position.ts'
import { anOrder, aSavedBot, aUser, lead } from './bot.fixture.ts'
import { bookEvidence, type Evidence } from './booking.ts'
import { loadSurroundings, lockBot } from './bots.ts'
import { lockOrder, markOrder } from './orders.ts'
import { inTransaction } from './pool.ts'
import { withTestDatabase } from './testing.ts'

const CAPITAL = decimal(100_000)
const STEP = decimal('0.00001')
const PRICES = new Map([['BNB', decimal('612.34')]])
const market = aMarket()
const db = withTestDatabase()
let actor: Actor
beforeAll(async () => {
  actor = await aUser(db.pool)
})

/** One order: in how many pieces it fills and at what price, how many of them before it ends, and how the looks at it come in. */
const anOrderStory = fc.record({
  steps: fc.integer({ min: 8, max: 3000 }),
  /** Of the position, in per cent; exits only. */
  part: fc.integer({ min: 5, max: 150 }),
  pieces: fc.array(
    fc.record({
      weight: fc.integer({ min: 1, max: 5 }),
      cents: fc.integer({ min: 4_500_000, max: 5_500_000 }),
      feePart: fc.integer({ min: 0, max: 150 }),
      feeCurrency: fc.constantFrom('BTC', 'USDT', 'BNB'),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  /** So many of the pieces fill before the order is cancelled; all: it is FILLED. */
  filled: fc.integer({ min: 0, max: 4 }),
  end: fc.constantFrom('CANCELED' as const, 'EXPIRED' as const),
  /** Thought never to have been placed, before it is found. */
  lost: fc.boolean(),
  /** Which fills each look shows, as bits; looks may be old, partial or repeated. The last one that counts shows all. */
  looks: fc.array(fc.integer({ min: 0, max: 15 }), { maxLength: 4 }),
  lateLooks: fc.array(fc.integer({ min: 0, max: 15 }), { maxLength: 2 }),
})
type Story = typeof anOrderStory extends fc.Arbitrary<infer T> ? T : never

/** Bought whole for a fee in base currency and sold whole: what is left is dust, and the next entry takes it in. */
const WITH_DUST: Story = {
  steps: 200,
  part: 100,
  pieces: [{ weight: 1, cents: 5_000_000, feePart: 100, feeCurrency: 'BTC' }],
  filled: 4,
  end: 'CANCELED',
  lost: false,
  looks: [],
  lateLooks: [0],
}

let serial = 0

/** The fills that the venue has made of this order, on the market's step. */
function fillsOf(story: Story, side: 'BUY' | 'SELL', amount: Decimal): VenueFill[] {
  const exchangeOrderId = `x${++serial}`
  const weights = story.pieces.reduce((sum, piece) => sum + piece.weight, 0)
  const fills: VenueFill[] = []
  let left = amount
  story.pieces.forEach((piece, index) => {
    const last = index === story.pieces.length - 1
    const size = last ? left : amount.times(piece.weight).div(weights).div(STEP).floor().times(STEP)
    if (!size.gt(0)) return
    left = left.minus(size)
    const price = decimal(piece.cents).div(100)
    // A seller pays from what he receives, or in BNB.
    const feeCurrency = side === 'SELL' && piece.feeCurrency === 'BTC' ? 'USDT' : piece.feeCurrency
    const received = side === 'BUY' && feeCurrency === 'BTC' ? size : size.times(price)
    const fee = received.times(piece.feePart).div(100_000)
    fills.push({
      tradeId: String(++serial),
      exchangeOrderId,
      side,
      amount: size,
      price,
      fee: feeCurrency === 'BNB' ? fee.div(600).toDecimalPlaces(8) : fee,
      feeCurrency,
      executedAt: new Date(1_700_000_000_000 + serial),
    })
  })
  return fills.slice(0, Math.min(story.filled, fills.length))
}

/** What each look proves; the one that sees the end sees every fill. */
function looksOf(story: Story, fills: VenueFill[], whole: boolean): Evidence[] {
  const exchangeOrderId = fills[0]?.exchangeOrderId ?? `x${++serial}`
  const look = (bits: number): Evidence => {
    const shown = fills.filter((_, index) => (bits >> index) % 2 === 1)
    return {
      status: shown.length > 0 ? 'PARTIALLY_FILLED' : 'OPEN',
      exchangeOrderId,
      fills: shown,
      prices: PRICES,
    }
  }
  const end: Evidence = {
    status: whole ? 'FILLED' : story.end,
    exchangeOrderId,
    fills: fills.toReversed(),
    prices: PRICES,
  }
  return [...story.looks.map(look), end, ...story.lateLooks.map(look), end]
}

type Seen = {
  fills: Map<string, VenueFill>
  entries: Set<string>
  fees: Decimal
  filled: Map<string, Decimal>
}

async function expectBooks(botId: string, seen: Seen): Promise<void> {
  let [base, cash, fees] = [ZERO, ZERO, ZERO]
  for (const fill of seen.fills.values()) {
    const sign = fill.side === 'BUY' ? 1 : -1
    const value = fill.amount.times(fill.price)
    base = base.plus(fill.amount.times(sign))
    cash = cash.minus(value.times(sign))
    if (fill.feeCurrency === 'BTC') {
      base = base.minus(fill.fee)
      fees = fees.plus(fill.fee.times(fill.price))
    } else {
      const paid = fill.fee.times(fill.feeCurrency === 'BNB' ? (PRICES.get('BNB') ?? ZERO) : 1)
      cash = cash.minus(paid)
      fees = fees.plus(paid)
    }
  }
  const { position } = await loadSurroundings(db.pool, botId)
  const { rows } = await db.pool.query<Record<string, string>>(
    `SELECT s.dust_amount, s.dust_cost, s.equity, s.last_price, s.realized_pnl, s.daily_pnl, d.fees, d.trade_count, d.realized_pnl AS day_realized,
       d.unrealized_pnl AS day_unrealized, (SELECT count(*) FROM fills f WHERE f.bot_id = s.bot_id) AS fills,
       (SELECT coalesce(sum(f.fee_value), 0) FROM fills f WHERE f.bot_id = s.bot_id) AS fee_values
     FROM bot_states s JOIN bot_days d ON d.bot_id = s.bot_id WHERE s.bot_id = $1`,
    [botId],
  )
  const row = rows[0]
  if (row === undefined) throw new Error('the bot has no day')
  const money = (name: string) => decimal(row[name] ?? 'missing')
  const held = position?.amount ?? ZERO

  expect(Number(row['fills']), 'each fill once').toBe(seen.fills.size)
  expect(plain(held.plus(money('dust_amount'))), 'position and dust are the sum of the fills').toBe(
    plain(base),
  )
  const worth = held.times(row['last_price'] ?? 0).plus(money('dust_cost'))
  expect(plain(money('equity')), 'equity is cash and what is held').toBe(
    plain(CAPITAL.plus(cash).plus(worth)),
  )
  expect(plain(money('day_realized').plus(money('day_unrealized')))).toBe(plain(money('daily_pnl')))
  expect(plain(money('fees'))).toBe(plain(fees))
  expect(plain(money('fee_values'))).toBe(plain(fees))
  expect(money('fees').gte(seen.fees), 'what the day has consumed never shrinks').toBe(true)
  seen.fees = money('fees')
  expect(Number(row['trade_count'])).toBe(seen.entries.size)
  const orders = await db.pool.query<{ id: string; filled: string }>(
    `SELECT id, filled FROM orders WHERE bot_id = $1`,
    [botId],
  )
  for (const { id, filled } of orders.rows) {
    expect(decimal(filled).gte(seen.filled.get(id) ?? ZERO), 'filled never shrinks').toBe(true)
    seen.filled.set(id, decimal(filled))
  }
}

async function book(botId: string, orderId: string, evidence: Evidence): Promise<void> {
  await inTransaction(db.pool, async (tx) => {
    const locked = await lockBot(tx, botId, {})
    await bookEvidence(tx, locked, await lockOrder(tx, orderId), market, evidence)
  })
}

async function sizeOf(
  botId: string,
  story: Story,
): Promise<{ side: 'BUY' | 'SELL'; amount: Decimal } | null> {
  const { position } = await loadSurroundings(db.pool, botId)
  if (position === null) return { side: 'BUY', amount: STEP.times(story.steps) }
  const wanted = position.amount.times(Math.min(story.part, 100)).div(100)
  const amount =
    sellableAmount(wanted, decimal(45_000), market) ??
    sellableAmount(position.amount, decimal(45_000), market)
  return amount === null ? null : { side: 'SELL', amount }
}

test('any story of orders: fills, partial fills, repeated, old and late looks, cancels, dust', async () => {
  let [fills, dust] = [0, 0]
  await fc.assert(
    fc.asyncProperty(fc.array(anOrderStory, { minLength: 2, maxLength: 5 }), async (stories) => {
      const botId = await aSavedBot(db.pool, actor, { initialCapital: CAPITAL, paperFeePerc: ZERO })
      await lead(db.pool, botId, 'RUNNING')
      const seen: Seen = { fills: new Map(), entries: new Set(), fees: ZERO, filled: new Map() }
      const before: { orderId: string; evidence: Evidence }[] = []
      for (const story of stories) {
        const size = await sizeOf(botId, story)
        if (size === null) continue
        const purpose = size.side === 'BUY' ? 'ENTRY' : 'EXIT'
        const orderId = await anOrder(db.pool, botId, { status: 'SUBMITTING', side: size.side, purpose })
        if (story.lost)
          await inTransaction(db.pool, (tx) =>
            markOrder(tx, orderId, { status: 'NOT_PLACED', settleInMs: null }),
          )
        const made = fillsOf(story, size.side, size.amount)
        const whole = made.reduce((sum, fill) => sum.plus(fill.amount), ZERO).eq(size.amount)
        for (const evidence of looksOf(story, made, whole)) {
          await book(botId, orderId, evidence)
          for (const fill of evidence.fills) {
            seen.fills.set(fill.tradeId, fill)
            if (purpose === 'ENTRY') seen.entries.add(orderId)
          }
          await expectBooks(botId, seen)
          before.push({ orderId, evidence })
        }
        // Something of long ago is told once more.
        const old = before[(story.steps * 7) % before.length]
        if (old !== undefined) await book(botId, old.orderId, old.evidence)
        await expectBooks(botId, seen)
      }
      fills += seen.fills.size
      const { rows } = await db.pool.query<{ dust: boolean }>(
        `SELECT dust_amount > 0 AS dust FROM bot_states WHERE bot_id = $1`,
        [botId],
      )
      if (rows[0]?.dust === true) dust++
    }),
    { numRuns: 10, examples: [[[WITH_DUST, WITH_DUST, WITH_DUST, WITH_DUST]]] },
  )
  expect(fills, 'the stories hold fills').toBeGreaterThan(15)
  expect(dust, 'and dust').toBeGreaterThan(0)
})
