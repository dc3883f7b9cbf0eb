import { BinanceError, missingParameter } from '../binance-error.ts'
import type { Account } from '../exchange/records.ts'
import { isTransferType, type TransferType } from '../futures/records.ts'
import { transferRow } from '../futures/order-rows.ts'
import { transfer } from '../futures/transfers.ts'
import { optionalDecimal, optionalInteger, type Parameters, requiredText } from './parameters.ts'
import { type Call, type Exchange, type Routes, signed, type SignedHandler } from './routes.ts'

const WEEK = 7 * 86_400_000

const mustTransfer = (account: Account): void => {
  const { canTransfer, canFutures } = account.permissions
  if (!canTransfer || !canFutures)
    throw new BinanceError(401, -2015, 'Invalid API-key, IP, or permissions for action.')
}

const typeOf = (parameters: Parameters): TransferType => {
  const type = requiredText(parameters, 'type')
  if (!isTransferType(type))
    throw new BinanceError(400, -1130, "Data sent for parameter 'type' is not valid.")
  return type
}

const move = (exchange: Exchange, call: Call, account: Account, type: TransferType) => {
  mustTransfer(account)
  const asset = requiredText(call.parameters, 'asset')
  const amount = optionalDecimal(call.parameters, 'amount')
  if (!amount) throw missingParameter('amount')
  const { state, futures } = exchange
  const { tranId } = transfer(state, futures, account, { type, asset, amount }, call.now, call.fate.hideMs)
  return { tranId }
}

/** Newest first, by pages; the last week unless times are given. */
const history = (
  { futures }: Exchange,
  { parameters, now }: Call,
  account: Account,
  type: TransferType | undefined,
) => {
  const end = optionalInteger(parameters, 'endTime') ?? now
  const from = optionalInteger(parameters, 'startTime') ?? end - WEEK
  const current = optionalInteger(parameters, 'current') ?? 1
  const size = Math.min(optionalInteger(parameters, 'size') ?? 10, 100)
  if (current < 1 || size < 1)
    throw new BinanceError(400, -1130, "Data sent for parameter 'current' is not valid.")
  const found = futures.transfers.filter(
    (row) =>
      row.account === account.apiKey &&
      (type === undefined || row.type === type) &&
      row.hiddenUntil <= now &&
      row.time >= from &&
      row.time <= end,
  )
  return { total: found.length, rows: found.toReversed().slice((current - 1) * size, current * size) }
}

/** The older endpoint's numbers for the two directions. */
const oldTypeOf = (parameters: Parameters): TransferType => {
  const type = optionalInteger(parameters, 'type')
  if (type === 1) return 'MAIN_UMFUTURE'
  if (type === 2) return 'UMFUTURE_MAIN'
  throw new BinanceError(400, -1130, "Data sent for parameter 'type' is not valid.")
}

const universal: SignedHandler = (exchange, call, account) =>
  move(exchange, call, account, typeOf(call.parameters))

const older: SignedHandler = (exchange, call, account) =>
  move(exchange, call, account, oldTypeOf(call.parameters))

const universalHistory: SignedHandler = (exchange, call, account) => {
  const { total, rows } = history(exchange, call, account, typeOf(call.parameters))
  // Binance leaves the list out where there is nothing to list.
  return total === 0 ? { total } : { total, rows: rows.map(transferRow) }
}

const olderHistory: SignedHandler = (exchange, call, account) => {
  const { total, rows } = history(exchange, call, account, undefined)
  return {
    total,
    rows: rows.map((row) => ({
      asset: row.asset,
      tranId: row.tranId,
      amount: row.amount.toString(),
      type: row.type === 'MAIN_UMFUTURE' ? '1' : '2',
      timestamp: row.time,
      status: 'CONFIRMED',
    })),
  }
}

/** Transfers between an account's spot and futures wallets. */
export const transferRoutes: Routes = {
  'POST /sapi/v1/asset/transfer': signed(1, universal),
  'GET /sapi/v1/asset/transfer': signed(1, universalHistory),
  'POST /sapi/v1/futures/transfer': signed(1, older),
  'GET /sapi/v1/futures/transfer': signed(10, olderHistory),
}
