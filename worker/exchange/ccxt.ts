import ccxt, { binance as Binance, krakenfutures as KrakenFutures, type Exchange } from 'ccxt'
import { VenueError, type Credentials, type Wallet } from '#trading/domain/exchange.ts'
import { withDeadline } from './deadline.ts'
import { noteAnswer, type HttpAnswer } from './http-answer.ts'
import type { ExchangeSettings } from './settings.ts'

// The only file that imports ccxt (600 ms, 140 MB), with errors.ts; everything else of ours sees these clients.

export type Client = Exchange
/** Of Binance, and of the sandbox, which speaks its language. */
export type BinanceClient = InstanceType<typeof Binance>

export function isBinanceClient(client: Client): client is BinanceClient {
  return client instanceof Binance
}

/** True when orders of this exchange go through ccxt's `binance` class. */
export function speaksBinance(exchangeId: string): boolean {
  return exchangeId === 'sandbox' || exchangeId === 'binance'
}

/** True for the sandbox and for every id that ccxt has a class for. */
export function knowsVenue(exchangeId: string): boolean {
  return speaksBinance(exchangeId) || ccxt.exchanges.includes(exchangeId)
}

/**
 * A client for public data; `side` matters where spot and futures are two APIs, which is Binance. @throws VenueError REFUSED when ccxt
 * knows no such exchange
 */
export function makeClient(
  exchangeId: string,
  settings: ExchangeSettings,
  credentials?: Credentials,
  side: Wallet = 'SPOT',
): Client {
  if (speaksBinance(exchangeId)) return makeBinanceClient(exchangeId, settings, credentials, side)
  const found: unknown = ccxt.exchanges.includes(exchangeId) ? Reflect.get(ccxt, exchangeId) : undefined
  if (!isClientClass(found))
    throw new VenueError('REFUSED', `"${exchangeId}" is not an exchange that ccxt knows.`)
  const client = prepared(new found(clientOptions(settings, credentials)), exchangeId, settings)
  leaveOutOtherMarkets(client)
  return client
}

/** A client of ccxt's `binance` class, for the exchange ids that `speaksBinance` names. */
export function makeBinanceClient(
  exchangeId: string,
  settings: ExchangeSettings,
  credentials?: Credentials,
  side: Wallet = 'SPOT',
): BinanceClient {
  const given = clientOptions(settings, credentials)
  const options = {
    ...given,
    // Counts weight per minute, as Binance does: ccxt's leaky bucket would hold each look-up of an order for a quarter of a second.
    rateLimiterAlgorithm: 'rollingWindow',
    options: {
      ...given.options,
      fetchMarkets: { types: [side === 'FUTURES' ? 'linear' : 'spot'] },
      // Whose time is asked for, among others.
      ...(side === 'FUTURES' && { defaultType: 'swap' }),
    },
  }
  const client = prepared(new Binance(options), exchangeId, settings)
  // ccxt counts a call in 50 ms of its pace: of the spot API 1 is a weight of 5, of the futures API its costs are the weights.
  if (side === 'FUTURES') weights.set(client, 1)
  return client
}

const weights = new WeakMap<Client, number>()

/** Of a venue that lists kinds of markets apart, spot and perpetuals alone are read: options and dated futures are many, and not traded. */
function leaveOutOtherMarkets(client: Client): void {
  const listed: unknown = client.options['fetchMarkets']
  if (typeof listed !== 'object' || listed === null || !('types' in listed)) return
  const { types } = listed
  if (Array.isArray(types)) Object.assign(listed, { types: types.filter((type) => TRADED.has(type)) })
}

const TRADED: ReadonlySet<unknown> = new Set(['spot', 'swap', 'linear', 'contract'])

function clientOptions(settings: ExchangeSettings, credentials: Credentials | undefined) {
  return {
    ...(credentials && {
      apiKey: credentials.apiKey,
      secret: credentials.secretKey,
      ...(credentials.passphrase !== null && { password: credentials.passphrase }),
    }),
    // Digits as the venue wrote them, never floats.
    number: String,
    enableRateLimit: true,
    timeout: settings.timing.httpTimeoutMs,
    options: {
      // With a key set, loading markets would otherwise ask for margin pairs and wallets.
      fetchMargins: false,
      fetchCurrencies: false,
      // Re-sending is ours to decide: a timed-out order may be on the books.
      maxRetriesOnFailure: 0,
      // The venue's clock is measured by venue-clock.ts.
      adjustForTimeDifference: false,
      recvWindow: settings.timing.recvWindowMs,
    },
  }
}

function prepared<T extends Client>(client: T, exchangeId: string, settings: ExchangeSettings): T {
  const origin = settings.exchangeUrls[exchangeId]
  if (origin !== undefined) Object.assign(client.urls, { api: moveOrigin(client.urls['api'], origin) })
  keepAnswers(client)
  boundWholeAnswer(client, exchangeId)
  countCostsAsNumbers(client)
  return client
}

/** Every address under `api`, with its scheme, host and port replaced and its path kept. */
export function moveOrigin(api: unknown, origin: string): unknown {
  if (typeof api === 'string') return api.replace(/^https?:\/\/[^/]+/, origin)
  if (typeof api !== 'object' || api === null) return api
  return Object.fromEntries(Object.entries(api).map(([name, value]) => [name, moveOrigin(value, origin)]))
}

const listeners = new WeakMap<Client, (answer: HttpAnswer, url: string) => void>()

/** Hears of every answer that a client gets, good or bad, before it is judged. */
export function onAnswer(client: Client, listener: (answer: HttpAnswer, url: string) => void): void {
  listeners.set(client, listener)
}

/**
 * Has `pay` awaited before each call of a client, with what it costs in Binance's weights. ccxt's own pace is kept too, but for Binance,
 * whose limit is a sum per minute.
 */
export function payFirst(client: Client, pay: (weight: number) => Promise<void>): void {
  const pace = isBinanceClient(client) ? null : client.throttle.bind(client)
  client.throttle = async (cost) => {
    await pay(weightOf(cost, weights.get(client) ?? 5))
    await pace?.(cost)
  }
}

function weightOf(cost: unknown, each: number): number {
  const units = cost === undefined ? 1 : Number(cost)
  return Math.max(1, Math.round((Number.isFinite(units) ? units : 1) * each))
}

/** What a venue lets us do in a minute, in the same weights, by ccxt's own pace. */
export function paceOf(client: Client): number {
  return Math.floor((60_000 / Number(client.rateLimit)) * 5)
}

/** ccxt judges an answer in these two calls, one right after the other without a pause, and keeps nothing of it in the error. */
function keepAnswers(client: Client): void {
  let current: HttpAnswer = { status: 0, headers: {}, body: '' }
  const noting = <T>(judge: () => T): T => {
    try {
      return judge()
    } catch (error) {
      noteAnswer(error, current)
      throw error
    }
  }
  const handleErrors = client.handleErrors.bind(client)
  client.handleErrors = (...args) => {
    const [status, , url, , headers, body] = args
    current = { status, headers, body, venue: client.id }
    listeners.get(client)?.(current, url)
    return noting(() => handleErrors(...args))
  }
  const handleHttpStatusCode = client.handleHttpStatusCode.bind(client)
  client.handleHttpStatusCode = (...args) => noting(() => handleHttpStatusCode(...args))
}

function boundWholeAnswer(client: Client, exchangeId: string): void {
  const fetch = client.fetch.bind(client)
  client.fetch = (...args) =>
    withDeadline(
      fetch(...args),
      client.timeout,
      () => new ccxt.RequestTimeout(`${exchangeId} did not answer within ${client.timeout} ms`),
    )
}

/** With `number: String` ccxt's costs are text as well, and its rolling window would chain them instead of adding them up. */
function countCostsAsNumbers(client: Client): void {
  const throttle = client.throttle.bind(client)
  client.throttle = (cost) => throttle(cost === undefined ? undefined : Number(cost))
}

/** How a venue's time is asked for; null: it tells none. Kraken's futures have no call for it, and say it with every answer. */
export function timeTeller(client: Client): (() => Promise<unknown>) | null {
  if (client.has['fetchTime'] === true) return () => client.fetchTime()
  if (!(client instanceof KrakenFutures)) return null
  return async () => {
    // Of the contracts that there are fewest of.
    const answer: unknown = await client.publicGetInstrumentsStatus({ contractType: 'futures_vanilla' })
    const told: unknown =
      typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'serverTime') : null
    return Date.parse(String(told))
  }
}

type ClientClass = new (options: object) => Client

function isClientClass(value: unknown): value is ClientClass {
  return typeof value === 'function' && value.prototype instanceof ccxt.Exchange
}
