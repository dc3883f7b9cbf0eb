import { expect, test } from 'vitest'
import { withTestServer, botInput, CREATE_BOT, subscribe } from './testing.ts'

const server = withTestServer()

const START = `mutation ($input: BacktestInput!) { startBacktest(input: $input) {
  __typename ... on Backtest { id name status source symbol strategy version }
  ... on ValidationError { issues { path message } } ... on NotFoundError { message } } }`
const READ = `query ($id: ID!) { backtest(id: $id) {
  status phase candlesDone candlesTotal error figures { returnPerc finalEquity sharpe trades notes refusals { code count at message } }
  equityCurve { at equity buyAndHold } trades(first: 1) { totalCount edges { node { entryAt exit profit } } pageInfo { hasNextPage } } } }`
const CSV = 'openTimeMs,open,high,low,close,volume\n1767225600000,1,2,0.5,1.5,10'
const hours = (count: number) =>
  new Date(Math.floor(Date.now() / 3_600_000 - count) * 3_600_000).toISOString()

const started = async (account: Awaited<ReturnType<typeof server.account>>, input: object) =>
  (await account.run(START, { input })).data.startBacktest

test('a configuration or a bot is queued with a job, and only its owner sees it', async () => {
  const ada = await server.account('ada')
  const eve = await server.account('eve')
  const config = botInput({ name: 'Rules' })
  const one = await started(ada, { config, from: hours(48), to: hours(24) })
  expect(one).toMatchObject({ __typename: 'Backtest', name: 'Rules', status: 'QUEUED', source: 'DATABASE' })
  const { id: botId } = (await ada.run(CREATE_BOT, { input: botInput({ name: 'Mine' }) })).data.createBot
  const two = await started(ada, { botId, csv: CSV, name: 'Of my bot' })
  expect(two).toMatchObject({ name: 'Of my bot', source: 'CSV', symbol: 'BTC/USDT' })
  const { rows } = await server.db.pool.query(
    `SELECT key FROM graphile_worker.jobs WHERE task_identifier = 'run_backtest' ORDER BY id`,
  )
  expect(rows.map(({ key }) => key)).toEqual([`run_backtest:${one.id}`, `run_backtest:${two.id}`])

  const list = 'query { backtests(first: 5) { edges { node { id } } } }'
  const ids = (await ada.run(list)).data.backtests.edges.map(({ node }: { node: { id: string } }) => node.id)
  expect(ids).toEqual([two.id, one.id])
  expect((await eve.run(list)).data.backtests.edges).toEqual([])
  expect((await eve.run(READ, { id: one.id })).data.backtest).toBeNull()
  for (const command of ['cancelBacktest', 'deleteBacktest']) {
    const answer = await eve.run(`mutation ($id: ID!) { ${command}(id: $id) { __typename } }`, { id: one.id })
    expect(answer.data[command].__typename).toBe('NotFoundError')
  }
  expect((await started(eve, { botId, csv: CSV })).__typename).toBe('NotFoundError')
})

test('what cannot be run is refused field by field', async () => {
  const ada = await server.account('ada2')
  const config = botInput({})
  const paths = async (input: object) =>
    (await started(ada, input)).issues.map(({ path }: { path: string[] }) => path.join('.'))
  expect(await paths({ csv: CSV })).toEqual(['botId'])
  const sentences = async (input: object) =>
    (await started(ada, input)).issues.map(({ message }: { message: string }) => message)
  expect(await sentences({})).toEqual(['Give botId or config.'])
  expect(await sentences({ botId: '1', config })).toEqual(['Give botId or config, not both.'])
  expect(await paths({ config })).toEqual(['from'])
  expect(await paths({ config, from: hours(2), to: hours(3) })).toEqual(['to'])
  expect(await paths({ config, from: hours(2), to: hours(-2) })).toEqual(['to'])
  expect(await paths({ config, from: '2000-01-01T00:00:00Z', to: hours(1) })).toEqual(['from'])
  expect(await paths({ config: { ...config, stopLossPerc: '0' }, csv: CSV })).toEqual(['config.stopLossPerc'])
  for (let n = 0; n < 10; n++) await started(ada, { config, csv: CSV })
  expect((await started(ada, { config, csv: CSV })).issues[0].message).toContain('10 backtests are waiting')
})

test('a large CSV is taken of who is signed in, and of nobody else', async () => {
  const ada = await server.account('ada3')
  const rows = Array.from({ length: 20_000 }, (_, n) => `${1767225600000 + n * 60_000},1,2,0.5,1.5,10`)
  const csv = `openTimeMs,open,high,low,close,volume\n${rows.join('\n')}`
  expect((await started(ada, { config: botInput({}), csv })).__typename).toBe('Backtest')
  const stranger = await server.call(START, { input: { config: botInput({}), csv } })
  expect(stranger.status).toBe(413)
})

test('the subscription tells how far it is until the result is there, and ends when it is deleted', async () => {
  const ada = await server.account('ada4')
  const { id } = await started(ada, { config: botInput({}), csv: CSV })
  const socket = server.socket({ cookie: ada.cookie })
  const live = subscribe(
    socket,
    'subscription ($id: ID!) { backtestChanged(id: $id) { status phase candlesDone candlesTotal figures { finalEquity } } }',
    { id },
  )
  const next = async () => (await live.next()).data.backtestChanged
  expect(await next()).toMatchObject({ status: 'QUEUED', candlesDone: 0, figures: null })
  await server.db.pool.query(
    `UPDATE backtests SET status = 'RUNNING', phase = 'RUNNING', candles_done = 5, candles_total = 9, version = version + 1 WHERE id = $1`,
    [id],
  )
  expect(await next()).toMatchObject({ status: 'RUNNING', candlesDone: 5, candlesTotal: 9 })
  await server.db.pool.query(
    `UPDATE backtests SET status = 'DONE', summary = $2, equity_curve = $3, trades = $4, version = version + 1 WHERE id = $1`,
    [
      id,
      JSON.stringify(FIGURES),
      JSON.stringify([{ at: 0, equity: 1, buyAndHold: 2 }]),
      JSON.stringify(TRADES),
    ],
  )
  expect(await next()).toMatchObject({ status: 'DONE', figures: { finalEquity: '1010.5' } })
  const { backtest } = (await ada.run(READ, { id })).data
  expect(backtest.figures).toEqual({
    returnPerc: '1.05',
    finalEquity: '1010.5',
    sharpe: null,
    trades: 1,
    notes: ['Told once.'],
    refusals: [{ code: 'COOLDOWN_ACTIVE', count: 2, at, message: 'Too early.' }],
  })
  expect(backtest.equityCurve).toEqual([{ at: '1970-01-01T00:00:00.000Z', equity: 1, buyAndHold: 2 }])
  expect(backtest.trades).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true } })
  expect(backtest.trades.edges[0].node).toMatchObject({ exit: 'STOP_LOSS', profit: '-2.5' })
  const gone = await ada.run('mutation ($id: ID!) { deleteBacktest(id: $id) { ... on Deleted { id } } }', {
    id,
  })
  expect(gone.data.deleteBacktest.id).toBe(id)
  expect(await live.next()).toBe('done')
  await socket.dispose()
})

const at = '2026-01-01T00:00:00.000Z'
const FIGURES = {
  from: at,
  to: at,
  candles: 2,
  gaps: 0,
  initialCapital: '1000',
  finalEquity: '1010.5',
  returnPerc: 1.05,
  maxDrawdownPerc: 0,
  sharpe: null,
  trades: 1,
  openTrades: 1,
  winRatePerc: 0,
  profitFactor: 0,
  exposurePerc: 50,
  fees: '1',
  buyAndHoldPerc: 1,
  buyAndHoldEquity: '1010',
  buyAndHoldDrawdownPerc: 0,
  finalStatus: 'RUNNING',
  pauseReason: null,
  refusals: [{ code: 'COOLDOWN_ACTIVE', count: 2, first: 'Too early.', at }],
  notes: ['Told once.'],
}
const TRIP = { entryAt: at, entryPrice: '1', entryReason: 'up', amount: '1', fees: '0.1' }
const TRADES = [
  { ...TRIP, exit: { at, price: '0.9', purpose: 'STOP_LOSS', reason: 'down', profit: '-2.5' } },
  { ...TRIP, exit: null },
]
