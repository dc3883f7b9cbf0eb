import { z } from 'zod'
import {
  VenueError,
  type TransferRequest,
  type TransferResult,
  type VenueTransfer,
  type Wallet,
} from '#trading/domain/exchange.ts'
import { plain } from '#trading/domain/money.ts'
import { id, instant, positiveAmount } from './binance-shapes.ts'
import type { BinanceClient } from './ccxt.ts'
import { withDeadline } from './deadline.ts'
import { toPlaceResult, type Refusals } from './errors.ts'
import type { ExchangeSettings } from './settings.ts'
import type { Venue } from './venue.ts'

/** Binance's "universal transfer" between the wallets of one account. It takes no id of ours. */
const TYPES = { SPOT: 'MAIN_UMFUTURE', FUTURES: 'UMFUTURE_MAIN' } as const satisfies Record<Wallet, string>
const PAGE = 100
const MOST_PAGES = 50
/** Longest time that the history is asked for at once; Binance lists the last week where it is told none. */
const WINDOW_MS = 7 * 86_400_000 - 1

/**
 * Codes that prove that nothing was moved, when answered with a 4xx; beside those of the checks before. Source: "Error codes" of Binance's
 * wallet documents. -5012 ("asset transfer is in pending") and what is missing prove nothing.
 */
const REFUSALS: Refusals = new Map([
  [-1002, 'KEY_REFUSED'],
  [-1003, 'RATE_LIMITED'],
  [-1021, 'CLOCK_SKEW'],
  [-1022, 'KEY_REFUSED'],
  [-1100, 'ORDER_INVALID'],
  [-1101, 'ORDER_INVALID'],
  [-1102, 'ORDER_INVALID'],
  [-1105, 'ORDER_INVALID'],
  [-1106, 'ORDER_INVALID'],
  [-1111, 'ORDER_INVALID'],
  [-2008, 'KEY_REFUSED'],
  [-2014, 'KEY_REFUSED'],
  [-2015, 'KEY_REFUSED'],
  [-3020, 'BALANCE_INSUFFICIENT'],
  [-3041, 'BALANCE_INSUFFICIENT'],
  [-5001, 'ORDER_INVALID'],
  [-5002, 'BALANCE_INSUFFICIENT'],
  [-5003, 'BALANCE_INSUFFICIENT'],
  [-5013, 'BALANCE_INSUFFICIENT'],
  [-9000, 'BALANCE_INSUFFICIENT'],
])

const accepted = z.object({ tranId: id })

/** Moves money, once: signed with the time of its claim, and sent at once or not at all, as place-order.ts does. */
export async function sendTransfer(
  venue: Venue,
  client: BinanceClient,
  settings: ExchangeSettings,
  request: TransferRequest,
): Promise<TransferResult> {
  if (request.from === request.to) return refused('A transfer from a wallet to itself moves nothing.')
  const wait = venue.blockedForMs()
  if (wait > 0) return refused(`${venue.id} asked us to wait ${Math.ceil(wait / 1000)} s.`)
  let signed
  try {
    await venue.clock.ready()
    signed = client.sign('asset/transfer', 'sapi', 'POST', {
      type: TYPES[request.from],
      asset: request.currency,
      amount: plain(request.amount),
      timestamp: Math.floor(venue.clock.fromHost(request.signedAt)),
      recvWindow: request.recvWindowMs,
    })
  } catch (error) {
    return refused(error instanceof Error ? error.message : String(error))
  }
  const elapsed = Date.now() - request.signedAt
  if (elapsed > settings.timing.sendBudgetMs || elapsed < -settings.timing.settleSkewMs)
    return refused(`The time to send it was over: ${elapsed} ms since its claim.`)
  try {
    const answer: unknown = await withDeadline(
      client.fetch(signed['url'], signed['method'], signed['headers'], signed['body']),
      request.timeoutMs,
      () => new Error(`${venue.id} did not answer within ${request.timeoutMs} ms`),
    )
    return { kind: 'ACCEPTED', transferId: accepted.parse(answer).tranId }
  } catch (error) {
    venue.heed(error)
    return toPlaceResult(error, REFUSALS)
  }
}

function refused(message: string): TransferResult {
  return { kind: 'REFUSED', code: 'NOT_SENT', message }
}

const STATUS: Record<string, VenueTransfer['status']> = {
  CONFIRMED: 'DONE',
  PENDING: 'PENDING',
  FAILED: 'FAILED',
}

const page = z.object({
  total: z.coerce.number().int().nonnegative(),
  // Binance leaves the list out where there is nothing.
  rows: z
    .array(
      z.object({
        asset: z.string(),
        amount: positiveAmount,
        type: z.string(),
        status: z.string(),
        tranId: id,
        timestamp: instant,
      }),
    )
    .default([]),
})

/** Transfers of a currency between the two wallets since then, oldest first, each once. @throws what ccxt and the shapes throw */
export async function fetchTransfers(
  client: BinanceClient,
  currency: string,
  since: number,
  now: number,
): Promise<VenueTransfer[]> {
  const found = new Map<string, VenueTransfer>()
  const first = Math.max(0, Math.floor(since))
  for (const from of ['SPOT', 'FUTURES'] as const)
    for (let startTime = first; startTime <= Math.max(first, now); startTime += WINDOW_MS + 1)
      for await (const one of direction(client, from, startTime))
        if (one.currency === currency && one.at.getTime() >= since) found.set(one.id, one)
  return [...found.values()].sort((a, b) => a.at.getTime() - b.at.getTime())
}

/** Newest first; one that is made meanwhile moves others to the next page, where they are met again. */
async function* direction(
  client: BinanceClient,
  from: Wallet,
  startTime: number,
): AsyncGenerator<VenueTransfer> {
  const type = TYPES[from]
  for (let current = 1; current <= MOST_PAGES; current++) {
    const { total, rows } = page.parse(
      await client.sapiGetAssetTransfer({
        type,
        startTime,
        endTime: startTime + WINDOW_MS,
        current,
        size: PAGE,
      }),
    )
    for (const row of rows) {
      const status = Object.hasOwn(STATUS, row.status) ? STATUS[row.status] : undefined
      if (row.type !== type || status === undefined)
        throw new VenueError('UNREADABLE', `Transfer ${row.tranId} is ${row.status} of ${row.type}.`)
      yield {
        id: row.tranId,
        clientTransferId: null,
        from,
        to: from === 'SPOT' ? 'FUTURES' : 'SPOT',
        currency: row.asset,
        amount: row.amount,
        status,
        at: row.timestamp,
      }
    }
    if (rows.length === 0 || current * PAGE >= total) return
  }
  throw new VenueError('UNREADABLE', 'There are more transfers than can be read.')
}
