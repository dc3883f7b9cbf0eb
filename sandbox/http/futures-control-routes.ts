import { z } from 'zod'
import { noChanges } from '../exchange/store.ts'
import { fundNow } from '../futures/funding.ts'
import { advance } from '../futures/matching.ts'
import { algoRow, incomeRow, orderRow, tradeRow, transferRow } from '../futures/order-rows.ts'
import { contractOf } from '../futures/state.ts'
import { truthRow } from '../futures/wallet-rows.ts'
import { Money, print } from '../money.ts'
import { listed, only, readBody } from './control-routes.ts'
import { optionalText } from './parameters.ts'
import { type Call, type Exchange, open, type Routes } from './routes.ts'

const fundingSchema = z.strictObject({
  symbol: z.string(),
  rate: z
    .string()
    .regex(/^-?0(\.\d{1,8})?$/, 'must be a decimal string like "0.0001" or "-0.0003"')
    .transform((text) => new Money(text))
    .optional(),
})

/** Settles one funding now, at the mark price of now. What happened until now is matched first. */
const settleFunding = ({ futures }: Exchange, { body, now }: Call) => {
  const { symbol, rate } = readBody(body, fundingSchema)
  const contract = contractOf(futures, symbol)
  const changes = noChanges()
  advance(futures, changes, symbol, now)
  const funding = fundNow(futures, changes, contract, rate, now)
  futures.store.save(changes)
  return {
    symbol,
    fundingTime: funding.time,
    fundingRate: funding.rate.toFixed(8),
    markPrice: print(funding.mark),
    positions: funding.positions,
  }
}

const ofSymbol = <T extends { symbol: string }>(rows: T[], { parameters }: Call): T[] => {
  const symbol = optionalText(parameters, 'symbol')
  return rows.filter((row) => symbol === undefined || row.symbol === symbol)
}

const ofAccount = <T extends { account: string }>(rows: T[], { parameters }: Call): T[] => {
  const account = optionalText(parameters, 'account')
  return rows.filter((row) => account === undefined || row.account === account)
}

/** The sandbox's own endpoints for futures and transfers: no key, no weight, no faults; hidden rows are shown. */
export const futuresControlRoutes: Routes = {
  'POST /sandbox/funding': open(0, settleFunding),
  'GET /sandbox/futures/orders': open(0, ({ futures }, call) =>
    only(listed(futures.orders, call), call).map((order) => ({
      ...orderRow(contractOf(futures, order.symbol).spec, order),
      account: order.account,
    })),
  ),
  'GET /sandbox/futures/algoOrders': open(0, ({ futures }, call) =>
    only(ofSymbol(futures.algos, call), call).map((algo) => ({
      ...algoRow(
        contractOf(futures, algo.symbol).spec,
        algo,
        futures.byOrderId.get(`${algo.symbol} ${algo.actualOrderId}`),
      ),
      account: algo.account,
    })),
  ),
  'GET /sandbox/futures/trades': open(0, ({ futures }, call) =>
    only(listed(futures.trades, call), call).map((trade) => ({
      ...tradeRow(contractOf(futures, trade.symbol).spec, trade),
      account: trade.account,
    })),
  ),
  'GET /sandbox/futures/positions': open(0, ({ futures }, call) =>
    ofSymbol(
      ofAccount([...futures.wallets.values()], call).flatMap((wallet) =>
        Object.values(wallet.positions)
          .filter((position) => !position.amount.isZero())
          .map((position) => truthRow(futures, wallet, position)),
      ),
      call,
    ),
  ),
  'GET /sandbox/futures/income': open(0, ({ futures }, call) =>
    ofSymbol(ofAccount(futures.incomes, call), call).map((income) => ({
      ...incomeRow(income),
      account: income.account,
    })),
  ),
  'GET /sandbox/transfers': open(0, ({ futures }, call) =>
    ofAccount(futures.transfers, call).map((row) => ({ ...transferRow(row), account: row.account })),
  ),
}
