import { expect, test } from 'vitest'
import { withRecordedBinance } from './recorded-account.fixture.ts'

const RIGHTS = 'GET /sapi/v1/account/apiRestrictions'
const { server, account } = withRecordedBinance()

/** "Get API Key Permission" of Binance's wallet documents. */
const restrictions = {
  ipRestrict: true,
  createTime: 1698645219000,
  enableReading: true,
  enableWithdrawals: false,
  enableInternalTransfer: false,
  enableMargin: false,
  enableFutures: false,
  permitsUniversalTransfer: false,
  enableVanillaOptions: false,
  enableFixApiTrade: false,
  enableFixReadOnly: true,
  enableSpotAndMarginTrading: true,
  enablePortfolioMarginTrading: false,
}

test.each([
  ['trade only', {}, { canTrade: true, canTransfer: false, canWithdraw: false }],
  [
    'read only',
    { enableSpotAndMarginTrading: false },
    { canTrade: false, canTransfer: false, canWithdraw: false },
  ],
  [
    'trade futures only',
    { enableSpotAndMarginTrading: false, enableFutures: true },
    { canTrade: true, canTransfer: false, canWithdraw: false },
  ],
  ['withdraw', { enableWithdrawals: true }, { canTrade: true, canTransfer: false, canWithdraw: true }],
  [
    'transfer to others',
    { enableInternalTransfer: true },
    { canTrade: true, canTransfer: false, canWithdraw: false },
  ],
  [
    'transfer between wallets',
    { permitsUniversalTransfer: true },
    { canTrade: true, canTransfer: true, canWithdraw: false },
  ],
])('a key that may %s is known as one', async (_name, more, rights) => {
  server().answer(RIGHTS, JSON.stringify({ ...restrictions, ...more }))
  expect(await account().probeRights()).toEqual(rights)
})

test('a key of which Binance does not say whether it may withdraw is not taken for a safe one', async () => {
  const { enableWithdrawals: _left, ...rest } = restrictions
  server().answer(RIGHTS, JSON.stringify(rest))
  await expect(account().probeRights()).rejects.toMatchObject({ kind: 'UNREADABLE' })
})

test('where only the spot API is spoken, the account says whether it may trade, and nobody what the key may do beyond', async () => {
  server().answer(RIGHTS, { status: 404 })
  server().answer('GET /api/v3/account', JSON.stringify({ canTrade: true, canWithdraw: true, balances: [] }))
  expect(await account().probeRights()).toEqual({ canTrade: true, canTransfer: null, canWithdraw: null })
})

test('a balance is read to the last digit, dust and hoards alike', async () => {
  const balances = [
    { asset: 'BTC', free: '0.00000001', locked: '0.00000000' },
    { asset: 'SHIB', free: '999999999999999.99', locked: '0.01' },
  ]
  server().answer('GET /api/v3/account', JSON.stringify({ canTrade: true, balances }))
  const read = await account().fetchBalance('SPOT')
  expect([...read].map(([asset, { free, total }]) => [asset, String(free), String(total)])).toEqual([
    ['BTC', '0.00000001', '0.00000001'],
    ['SHIB', '999999999999999.99', '1000000000000000'],
  ])
})
