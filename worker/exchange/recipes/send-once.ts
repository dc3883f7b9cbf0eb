import type { Client } from '../ccxt.ts'
import { withDeadline } from '../deadline.ts'
import type { ExchangeSettings } from '../settings.ts'
import type { Venue } from '../venue.ts'
import { takeTurn } from './nonce-turns.ts'
import type { Unsigned } from './recipe.ts'

export type Sent =
  | { kind: 'NOT_SENT'; code: 'NOT_SENT' | 'ORDER_INVALID'; message: string }
  | { kind: 'FAILED'; error: unknown }
  | { kind: 'ANSWERED'; answer: unknown }

/**
 * Signs with the time of the claim and sends, once, at once or not at all (see place-order.ts for why ccxt's own way will not do). ccxt signs
 * with `nonce()`; where that is the time, it is pinned to `at` for the moment of signing, during which nothing else can run.
 */
export async function sendOnce(parts: {
  venue: Venue
  client: Client
  settings: ExchangeSettings
  /** By the host's clock. */
  signedAt: number
  timeoutMs: number
  recvWindowMs: number
  /** The recipe's nonces are times. */
  pinned: boolean
  build(at: number): Unsigned
}): Promise<Sent> {
  let over
  try {
    over = await takeTurn(parts.client)
  } catch (error) {
    const code = error instanceof InvalidOrder ? 'ORDER_INVALID' : 'NOT_SENT'
    return { kind: 'NOT_SENT', code, message: error instanceof Error ? error.message : String(error) }
  }
  try {
    return await signAndSend(parts)
  } finally {
    over()
  }
}

async function signAndSend(parts: Parameters<typeof sendOnce>[0]): Promise<Sent> {
  const { venue, client, settings, signedAt } = parts
  const at = Math.floor(venue.clock.fromHost(signedAt))
  let signed
  let extra: Record<string, string>
  try {
    const { path, api, method, params, headers } = parts.build(at)
    const request = signAt(client, parts.pinned ? at : null, parts.recvWindowMs, () =>
      client.sign(path, api, method, params),
    )
    signed = request
    extra = headers ?? {}
  } catch (error) {
    const code = error instanceof InvalidOrder ? 'ORDER_INVALID' : 'NOT_SENT'
    return { kind: 'NOT_SENT', code, message: error instanceof Error ? error.message : String(error) }
  }
  const elapsed = Date.now() - signedAt
  // Negative: somebody set the clock back since, so that the time gone by is not known.
  if (elapsed > settings.timing.sendBudgetMs || elapsed < -settings.timing.settleSkewMs)
    return {
      kind: 'NOT_SENT',
      code: 'NOT_SENT',
      message: `The time to send it was over: ${elapsed} ms since its claim.`,
    }
  try {
    const answer: unknown = await withDeadline(
      client.fetch(signed['url'], signed['method'], { ...signed['headers'], ...extra }, signed['body']),
      parts.timeoutMs,
      () => new Error(`${venue.id} did not answer within ${parts.timeoutMs} ms`),
    )
    return { kind: 'ANSWERED', answer }
  } catch (error) {
    return { kind: 'FAILED', error }
  }
}

/** Thrown by a recipe's `build` for an order that its venue should refuse and would not. */
export class InvalidOrder extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'InvalidOrder'
  }
}

function signAt<T>(client: Client, at: number | null, recvWindowMs: number, sign: () => T): T {
  const { nonce } = client
  const recvWindow: unknown = client.options['recvWindow']
  if (at !== null) client.nonce = () => at
  client.options['recvWindow'] = recvWindowMs
  try {
    return sign()
  } finally {
    client.nonce = nonce
    client.options['recvWindow'] = recvWindow
  }
}
