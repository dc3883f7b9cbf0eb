import { expect, test } from 'vitest'
import { decimal, plain } from '#trading/domain/money.ts'
import { firstThatBites, tradingChecks } from '#trading/domain/trading-checks.ts'
import { resumeBot, startBot, stopBot } from '#trading/store/bot-commands.ts'
import { loadTradingFacts } from '#trading/store/trading-facts.ts'
import { withReconciliation } from './reconcile.fixture.ts'

const { live, compare, running, enter, sellByExit, sellByHand, heldBy, keyRow } = withReconciliation()

test('nothing happens while all is right: no event, no new version of the bot', async () => {
  const botId = await held()
  const before = [await live.engine.eventTypes(botId), await version(botId)]
  expect(await compare()).toBe('Agrees')
  expect([await live.engine.eventTypes(botId), await version(botId)]).toEqual(before)
  const key = await keyRow()
  expect(key.reconciled_at).not.toBeNull()
  expect(key.reconcile_error).toBeNull()
  const nextInMs = (key.next_reconcile_at?.getTime() ?? 0) - Date.now()
  expect(nextInMs / 60_000).toBeGreaterThan(2)
  const balance = await live.db.pool.query(
    `SELECT total FROM account_balances WHERE api_key_id = $1 AND asset = 'BTC'`,
    [live.apiKeyId],
  )
  expect(plain(decimal(String(balance.rows[0]?.['total'])))).toBe(plain(await live.books.venueBalance('BTC')))
})

test('sold by hand, one bot alone: booked as what it was, profit and books are the exchange’s', async () => {
  const botId = await held()
  const amount = await heldBy(botId)
  await sellByHand(amount, 51_000)
  expect(await compare()).toBe('MANUAL_CLOSE')
  expect(await live.engine.openPosition(botId)).toBeNull()
  expect(await live.engine.state(botId)).toMatchObject({ status: 'RUNNING' })
  const order = await live.engine.lastOrder(botId)
  expect(order).toMatchObject({ purpose: 'CLOSE', side: 'SELL', status: 'FILLED' })
  expect(plain(decimal(order.filled))).toBe(amount)
  const fills = await live.engine.fills(botId)
  expect(fills.map((fill) => fill.side)).toEqual(['BUY', 'SELL'])
  await live.books.expectMoneyToAddUp(botId)
  expect((await live.engine.messages(botId)).join()).toContain('Closed by hand at the exchange')
  expect((await live.db.pool.query(`SELECT origin FROM orders WHERE id = $1`, [order.id])).rows).toEqual([
    { origin: 'MANUAL' },
  ])
  expect(await compare()).toBe('Agrees')
  expect(await live.engine.fills(botId)).toEqual(fills)
  await live.hold(50_000)
  await enter(botId)
  expect(await compare(), 'and the bot trades on').toBe('Agrees')
})

test('a part sold by hand is booked as that part; the rest goes out by the bot’s own exit, to the last digit', async () => {
  const botId = await held()
  await sellByHand('0.001', 50_500)
  expect(await compare()).toBe('MANUAL_CLOSE')
  const left = decimal((await live.engine.openPosition(botId))?.amount ?? '0')
  expect(plain(left)).toBe(plain(await live.books.venueBalance('BTC')))
  await live.hold(50_000)
  await sellByExit(botId)
  await live.books.expectMoneyToAddUp(botId)
})

test('sold by hand together with the dust of an earlier exit, which had joined the position: the profit has both', async () => {
  const botId = await held()
  await sellByExit(botId)
  expect(Number((await live.engine.state(botId)).dust_amount)).toBeGreaterThan(0)
  await enter(botId)
  await sellByHand(await heldBy(botId), 50_000)
  expect(await compare()).toBe('MANUAL_CLOSE')
  await live.books.expectMoneyToAddUp(botId)
})

test('sold by hand while two bots hold the market: both pause with a sentence, once, and resume as they are', async () => {
  const [first, second] = [await held(), await held()]
  await sellByHand('0.001', 50_000)
  expect(await compare()).toBe('PAUSE')
  for (const botId of [first, second]) {
    expect(await live.engine.state(botId)).toMatchObject({ status: 'PAUSED', pause_reason: 'RECONCILIATION' })
    expect((await live.engine.messages(botId)).at(-1)).toMatch(
      /is missing\. 0\.001 BTC were sold by orders .* cannot be told whose/,
    )
  }
  // Where people look first, and not in the event alone.
  expect(await whyNot(first)).toMatch(
    /books and the exchange do not agree\. .* is missing\. 0\.001 BTC were sold/,
  )
  const events = await live.engine.eventTypes(first)
  expect(await compare()).toBe('Agrees')
  expect(await live.engine.eventTypes(first), 'the same finding is no second event').toEqual(events)
  await live.engine.in((tx) => resumeBot(tx, live.actor, first))
  expect(await compare(), 'a person decided').toBe('Agrees')
  expect((await live.engine.state(first)).status).toBe('RUNNING')
  expect(await whyNot(first), 'no word of it is left').not.toContain('do not agree')
  await sellByHand('0.0005', 50_000)
  expect(await compare(), 'more is missing').toBe('PAUSE')
  expect((await live.engine.state(first)).status).toBe('PAUSED')
})

test('coins withdrawn, and no trade explains it: the bot pauses; when they are back, the same is news again', async () => {
  const botId = await held()
  const { id } = await live.engine.lastOrder(botId)
  // The books hold more than the account has: as if a part had left it.
  await live.db.pool.query(`UPDATE positions SET amount = amount + 0.5 WHERE bot_id = $1`, [botId])
  expect(await compare()).toBe('PAUSE')
  expect((await live.engine.messages(botId)).at(-1)).toContain(
    '0.5 is missing. No trade on the account explains it',
  )
  await live.db.pool.query(`UPDATE positions SET amount = amount - 0.5 WHERE bot_id = $1`, [botId])
  expect(await compare()).toBe('Agrees')
  await live.engine.in((tx) => resumeBot(tx, live.actor, botId))
  await live.db.pool.query(`UPDATE positions SET amount = amount + 0.5 WHERE bot_id = $1`, [botId])
  expect(await compare()).toBe('PAUSE')
  expect((await live.engine.lastOrder(botId)).id, 'nothing was sold or booked').toBe(id)
})

test('a bot that is started with coins missing pauses as soon as it runs', async () => {
  const botId = await held()
  await live.engine.in((tx) => stopBot(tx, live.actor, botId, 'KEEP'))
  await live.db.pool.query(`UPDATE positions SET amount = amount + 0.5 WHERE bot_id = $1`, [botId])
  expect(await compare()).toBe('PAUSE')
  expect(await live.engine.eventTypes(botId), 'stopped: told').toContain('BALANCE_MISMATCH')
  await live.engine.in((tx) => startBot(tx, live.actor, botId))
  expect(await live.engine.tick(botId), 'it waits for the comparison').toBe('Ticked')
  expect((await live.engine.state(botId)).error_code).toBe('NOT_RECONCILED')
  expect(await compare()).toBe('PAUSE LATER')
  expect(await live.engine.tick(botId)).toBe('Ticked, PENDING to RUNNING')
  expect((await keyRow()).next_reconcile_at?.getTime(), 'within the second').toBeLessThan(Date.now() + 1_100)
  expect(await compare()).toBe('PAUSE')
  expect(await live.engine.state(botId)).toMatchObject({ status: 'PAUSED', pause_reason: 'RECONCILIATION' })
})

/** Bot.notTradingBecause of a bot whose workers are alive. */
async function whyNot(botId: string): Promise<string | undefined> {
  const facts = (await loadTradingFacts(live.db.pool, [botId], 60_000)).get(botId)
  if (facts === undefined) throw new Error(`no facts of bot ${botId}`)
  return firstThatBites(tradingChecks({ ...facts, workerAlive: true }))?.message
}

async function held(): Promise<string> {
  const botId = await running()
  await enter(botId)
  return botId
}

async function version(botId: string): Promise<unknown> {
  return (await live.db.pool.query(`SELECT version FROM bot_states WHERE bot_id = $1`, [botId])).rows[0]?.[
    'version'
  ]
}
