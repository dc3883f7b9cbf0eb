import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSandbox, type Sandbox } from '#sandbox/server.ts'
import type { TradingAccount, TransferRequest } from '#trading/domain/exchange.ts'
import { decimal, plain } from '#trading/domain/money.ts'
import { withRecordedFutures } from './recorded-futures.fixture.ts'
import type { RecordedAnswer } from './recorded.fixture.ts'
import { htmlPage } from './recorded/binance.ts'
import { control, openSandboxAccount, settingsFor } from './sandbox.fixture.ts'
import { makeVenues } from './venues.ts'

const SEND = 'POST /sapi/v1/asset/transfer'
const HISTORY = 'GET /sapi/v1/asset/transfer'
const { server, account } = withRecordedFutures()

const request = (more: Partial<TransferRequest> = {}): TransferRequest => ({
  ...{ from: 'SPOT', to: 'FUTURES', currency: 'USDT', amount: decimal('25.50'), clientTransferId: 'tb-1' },
  ...{ signedAt: Date.now(), recvWindowMs: 5000, timeoutMs: 1000 },
  ...more,
})
const send = (answer: RecordedAnswer, more: Partial<TransferRequest> = {}) => {
  server().answer(SEND, answer)
  return account().transfer(request(more))
}
const problem = (code: number, msg: string, status = 400) => ({ status, body: JSON.stringify({ code, msg }) })

describe('a transfer', () => {
  test('that is taken is told by its number, and was signed with the time of its claim', async () => {
    const signedAt = Date.now() - 300
    expect(await send('{"tranId": 13526853623}', { signedAt })).toEqual({
      kind: 'ACCEPTED',
      transferId: '13526853623',
    })
    const sent = Object.fromEntries(server().asked(SEND).at(-1) ?? [])
    expect(sent).toMatchObject({ type: 'MAIN_UMFUTURE', asset: 'USDT', amount: '25.5', recvWindow: '5000' })
    expect(Math.abs(Number(sent['timestamp']) - signedAt)).toBeLessThan(250)
    await send('{"tranId": 13526853624}', { from: 'FUTURES', to: 'SPOT' })
    expect(server().asked(SEND).at(-1)?.get('type')).toBe('UMFUTURE_MAIN')
  })

  test('whose time is over, or that leads nowhere, is not sent', async () => {
    const before = server().asked(SEND).length
    for (const more of [{ signedAt: Date.now() - 60_000 }, { to: 'SPOT' as const }])
      expect(await send('{"tranId": 1}', more)).toMatchObject({ kind: 'REFUSED', code: 'NOT_SENT' })
    expect(server().asked(SEND)).toHaveLength(before)
  })

  test.each([
    [-5013, 'Asset transfer failed: insufficient balance', 'BALANCE_INSUFFICIENT'],
    [-3041, 'Balance is not enough', 'BALANCE_INSUFFICIENT'],
    [-1002, 'You are not authorized to execute this request.', 'KEY_REFUSED'],
    [-2015, 'Invalid API-key, IP, or permissions for action.', 'KEY_REFUSED'],
    [-1021, 'Timestamp for this request is outside of the recvWindow.', 'CLOCK_SKEW'],
  ])('that is refused with %i (%s) was not made', async (code, msg, refusal) => {
    const before = server().asked(SEND).length
    expect(await send(problem(code, msg))).toMatchObject({ kind: 'REFUSED', code: refusal })
    expect(server().asked(SEND)).toHaveLength(before + 1)
  })

  test.each<[string, RecordedAnswer]>([
    ['no number', '{}'],
    ['half of an answer', '{"tranId": 135268'],
    ['a body that breaks off', { body: '{"tranId": 13526', cut: true }],
    ['a web page', { headers: { 'content-type': 'text/html' }, body: htmlPage }],
    ['a 502', { status: 502, body: htmlPage }],
    ['a 5xx that sounds like a refusal', problem(-5013, 'Asset transfer failed: insufficient balance', 500)],
    ['a transfer that is pending', problem(-5012, 'Asset transfer is in pending.')],
    ['a code that nobody knows', problem(-99_999, 'who knows')],
    ['a 400 without a body', { status: 400 }],
    ['an execution status that is unknown', problem(-1007, 'Timeout waiting for response.', 408)],
  ])('that is answered with %s is UNKNOWN', async (_name, answer) => {
    expect(await send(answer)).toMatchObject({ kind: 'UNKNOWN' })
  })
})

describe('the history', () => {
  const row = (tranId: number, type: string, more: object = {}) => ({
    ...{ asset: 'USDT', amount: '25.50000000', type, status: 'CONFIRMED', tranId, timestamp: Date.now() },
    ...more,
  })
  const page = (...rows: object[]) => JSON.stringify({ total: rows.length, rows })
  const read = () => account().fetchTransfers('USDT', new Date(Date.now() - 60_000))

  test('has both directions, oldest first, of that currency, whatever became of them', async () => {
    const now = Date.now()
    server().answer(
      HISTORY,
      page(
        row(3, 'MAIN_UMFUTURE', { status: 'PENDING' }),
        row(1, 'MAIN_UMFUTURE', { timestamp: now - 30_000 }),
        row(9, 'MAIN_UMFUTURE', { asset: 'BTC' }),
      ),
      page(row(2, 'UMFUTURE_MAIN', { status: 'FAILED', timestamp: now - 20_000 })),
    )
    const listed = await read()
    expect(listed.map((one) => [one.id, one.from, one.to, one.status, plain(one.amount)])).toEqual([
      ['1', 'SPOT', 'FUTURES', 'DONE', '25.5'],
      ['2', 'FUTURES', 'SPOT', 'FAILED', '25.5'],
      ['3', 'SPOT', 'FUTURES', 'PENDING', '25.5'],
    ])
  })

  test('of nothing is empty, though Binance leaves the list out', async () => {
    server().answer(HISTORY, '{"total": 0}')
    expect(await read()).toEqual([])
  })

  test('is read page by page, and two of the same amount stay two', async () => {
    const rows = Array.from({ length: 150 }, (_, index) => row(index + 1, 'MAIN_UMFUTURE'))
    const part = (from: number, to: number) => JSON.stringify({ total: 150, rows: rows.slice(from, to) })
    // A new one pushes the last of the first page onto the second.
    server().answer(HISTORY, part(0, 100), part(99, 150), '{"total": 0}')
    const before = server().asked(HISTORY).length
    expect(new Set((await read()).map((one) => one.id)).size).toBe(150)
    const asked = server().asked(HISTORY).slice(before)
    expect(asked.map((one) => [one.get('type'), one.get('current')])).toEqual([
      ['MAIN_UMFUTURE', '1'],
      ['MAIN_UMFUTURE', '2'],
      ['UMFUTURE_MAIN', '1'],
    ])
  })

  test.each<[string, string]>([
    ['a status that nobody knows', page(row(1, 'MAIN_UMFUTURE', { status: 'DREAMING' }))],
    ['another kind of transfer', page(row(1, 'MAIN_MARGIN'))],
    ['no amount', page(row(1, 'MAIN_UMFUTURE', { amount: '' }))],
    ['half of an answer', '{"total": 1, "rows": [{"asset"'],
  ])('with %s is no history', async (_name, answer) => {
    server().answer(HISTORY, answer)
    await expect(read()).rejects.toMatchObject({ kind: 'UNREADABLE' })
  })
})

describe('over the sandbox', () => {
  let sandbox: Sandbox
  beforeAll(async () => {
    sandbox = await startSandbox()
  })
  afterAll(() => sandbox.close())

  async function open(): Promise<{ account: TradingAccount; key: string }> {
    const { credentials } = await openSandboxAccount(sandbox.url)
    const venues = makeVenues({ env: settingsFor(sandbox.url) })
    return { account: venues.account('sandbox', credentials), key: credentials.apiKey }
  }
  const totals = async (of: TradingAccount) => {
    const both = await Promise.all([of.fetchBalance('SPOT'), of.fetchBalance('FUTURES')])
    return both.map((wallet) => plain(wallet.get('USDT')?.total ?? decimal(0)))
  }
  const begun = () => new Date(Date.now() - 1000)

  test('money moves there and back, and both wallets add up', async () => {
    const { account: own } = await open()
    const [spot, futures] = (await totals(own)).map((total) => decimal(total))
    const there = await own.transfer(request({ amount: decimal('1234.56789') }))
    const back = await own.transfer(request({ from: 'FUTURES', to: 'SPOT', amount: decimal('34.56789') }))
    expect([there.kind, back.kind]).toEqual(['ACCEPTED', 'ACCEPTED'])
    expect(await totals(own)).toEqual([
      plain(spot?.minus(1200) ?? decimal(0)),
      plain(futures?.plus(1200) ?? decimal(0)),
    ])
    const listed = await own.fetchTransfers('USDT', begun())
    expect(listed.map((one) => [one.id, one.from, plain(one.amount), one.status])).toEqual([
      [there.kind === 'ACCEPTED' ? there.transferId : '', 'SPOT', '1234.56789', 'DONE'],
      [back.kind === 'ACCEPTED' ? back.transferId : '', 'FUTURES', '34.56789', 'DONE'],
    ])
    expect(await own.fetchTransfers('BTC', begun())).toEqual([])
  })

  test('more than there is moves nothing, and is proven refused', async () => {
    const { account: own } = await open()
    const before = await totals(own)
    expect(await own.transfer(request({ amount: decimal('1000000') }))).toMatchObject({
      kind: 'REFUSED',
      code: 'BALANCE_INSUFFICIENT',
    })
    expect(await totals(own)).toEqual(before)
    expect(await own.fetchTransfers('USDT', begun())).toEqual([])
  })

  test.each(['drop', '5xx_after'])(
    'one that was made and answered with %s is UNKNOWN, and in the history once',
    async (kind) => {
      const { account: own, key } = await open()
      await control(sandbox.url, 'POST', '/sandbox/faults', { endpoint: SEND, kind, count: 1, account: key })
      expect(await own.transfer(request())).toMatchObject({ kind: 'UNKNOWN' })
      const listed = await own.fetchTransfers('USDT', begun())
      expect(listed.map((one) => [plain(one.amount), one.status])).toEqual([['25.5', 'DONE']])
    },
  )
})
