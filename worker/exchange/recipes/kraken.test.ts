import { afterAll } from 'vitest'
import { newClientOrderId } from '#trading/store/client-order-ids.ts'
import { describeTradingAccount } from '../contract.fixture.ts'
import { makeFakeBench } from './testing/fake-account.ts'
import { KRAKEN_KEY, KRAKEN_MARKET, krakenDialect } from './testing/kraken.ts'

const { symbol } = KRAKEN_MARKET
const bench = makeFakeBench({
  exchange: 'kraken',
  credentials: { ...KRAKEN_KEY, passphrase: null },
  markets: [KRAKEN_MARKET],
  balances: { USD: '10000' },
  dialect: () => krakenDialect(),
})
afterAll(() => bench.close())

describeTradingAccount('kraken, over a local server of its real shapes', async () => {
  const { venue, account, market, close } = await bench.open()
  return {
    ...{ account, close, market: market(symbol) },
    setPrice: async (price) => venue.core.setPrice(symbol, price),
    loseNextAnswer: async () => venue.fault('POST /0/private/AddOrder', 'DROP'),
    newClientId: () => newClientOrderId('kraken'),
  }
})
