import { createServer } from 'node:http'
import { hostname } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSandbox, type Sandbox } from '#sandbox/server.ts'
import { makeLogger } from '#trading/config/logger.ts'
import { exchangeAnswersSchema } from '#trading/jobs/exchange-answers.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { askWorker, readAnswer } from '#trading/store/worker-requests.ts'
import { control, settingsFor } from '../exchange/sandbox.fixture.ts'
import { makeVenues } from '../exchange/venues.ts'
import { askExchanges } from './ask-exchanges.ts'

const db = withTestDatabase()
const logger = makeLogger('test', 'silent')
let sandbox: Sandbox
// Takes what it is sent and says nothing.
const silent = createServer(() => undefined)
beforeAll(async () => {
  sandbox = await startSandbox()
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  silent.closeAllConnections()
  silent.close()
  await sandbox.close()
})

test('each exchange answers for itself: well, faulty, silent, unknown; and the first answer stands', async () => {
  const { requestId, said, answer } = await ask(['sandbox', 'okx', 'nonsense'])
  expect(said).toBe('Answered (1 of 3 answer)')
  expect(answer.host).toBe(hostname())
  expect(answer.exchanges).toEqual([
    {
      exchange: 'sandbox',
      ok: true,
      latencyMs: expect.any(Number),
      clockDifferenceMs: expect.any(Number),
      message: null,
    },
    {
      exchange: 'okx',
      ok: false,
      latencyMs: null,
      clockDifferenceMs: null,
      message: expect.stringContaining('okx'),
    },
    {
      exchange: 'nonsense',
      ok: false,
      latencyMs: null,
      clockDifferenceMs: null,
      message: '"nonsense" is not an exchange that ccxt knows.',
    },
  ])
  expect(await askExchanges({ requestId }, deps([]))).toBe('Skipped (answered)')
  expect(exchangeAnswersSchema.parse((await readAnswer(db.pool, requestId))?.answer)).toEqual(answer)
})

test('a faulty exchange is told in its words, and one that says it is being maintained is not well', async () => {
  await control(sandbox.url, 'POST', '/sandbox/faults', {
    endpoint: 'GET /api/v3/time',
    kind: '5xx',
    count: 1,
  })
  const faulty = await ask(['sandbox'])
  expect(faulty.answer.exchanges).toMatchObject([
    { exchange: 'sandbox', ok: false, message: expect.stringMatching(/\w/) },
  ])
  await db.pool.query(
    `INSERT INTO venues (exchange, timeframes, status, status_message) VALUES ('sandbox', '{}', 'MAINTENANCE', 'System maintenance.')
     ON CONFLICT (exchange) DO UPDATE SET status = 'MAINTENANCE', status_message = EXCLUDED.status_message`,
  )
  const maintained = await ask(['sandbox'])
  expect(maintained.answer.exchanges).toMatchObject([
    { exchange: 'sandbox', ok: false, message: 'System maintenance.' },
  ])
})

function deps(exchanges: string[]) {
  const { timing } = settingsFor(sandbox.url)
  const address = silent.address()
  if (address === null || typeof address === 'string') throw new Error('No port.')
  const exchangeUrls = { sandbox: sandbox.url, okx: `http://127.0.0.1:${address.port}` }
  const venues = makeVenues({ env: { exchangeUrls, timing: { ...timing, httpTimeoutMs: 2_500 } } })
  return { pool: db.pool, venues, logger, env: { exchanges } }
}

async function ask(exchanges: string[]) {
  const requestId = await inTransaction(db.pool, (tx) => askWorker(tx, 'EXCHANGES', {}))
  const said = await askExchanges({ requestId }, deps(exchanges))
  const row = await readAnswer(db.pool, requestId)
  return { requestId, said, answer: exchangeAnswersSchema.parse(row?.answer) }
}
