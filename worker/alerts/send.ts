import { createHmac } from 'node:crypto'
import { z } from 'zod'
import type { Env } from '#trading/config/env.ts'
import { SecretError } from '#trading/config/secrets.ts'
import type { AlertKind } from '#trading/domain/alerts.ts'
import { openTarget, type TelegramTarget, type WebhookTarget } from '#trading/store/alert-channels.ts'
import type { Delivery, SendFailure } from '#trading/store/alert-deliveries.ts'
import { type Answer, postJson } from './post-json.ts'
import { checkedAddresses, ForbiddenAddressError, resolveHost, type Resolve } from './safe-address.ts'

export type SenderSettings = Pick<Env, 'masterKey' | 'publicUrl' | 'alertPrivate' | 'telegramUrl'>

/** Sends one delivery; null when the receiver took it. Never throws: whatever goes wrong is the channel's news. */
export type Send = (delivery: Delivery, signal: AbortSignal) => Promise<SendFailure | null>

export function makeSend(env: SenderSettings, resolve: Resolve = resolveHost): Send {
  return async ({ channel, alert }, signal) => {
    try {
      const target = openTarget(env.masterKey, channel)
      const answer =
        'url' in target
          ? await postWebhook(env, target, alert, { resolve, signal })
          : await postTelegram(env, target, alert, { resolve, signal })
      return failureOf(answer)
    } catch (error) {
      return { message: sentence(error), final: error instanceof ForbiddenAddressError, askedMs: 0 }
    }
  }
}

type Alert = Delivery['alert']
type How = { resolve: Resolve; signal: AbortSignal }

async function postWebhook(
  env: SenderSettings,
  target: WebhookTarget,
  alert: Alert,
  { resolve, signal }: How,
): Promise<Answer> {
  const url = new URL(target.url)
  const addresses = await unlessAborted(
    checkedAddresses(url, { allowPrivate: env.alertPrivate, resolve }),
    signal,
  )
  const body = JSON.stringify({
    id: alert.id,
    kind: alert.kind,
    botId: alert.botId,
    botName: alert.botName,
    message: alert.message,
    at: alert.at.toISOString(),
    url: linkOf(env, alert),
  })
  const signature = createHmac('sha256', target.secret).update(body).digest('hex')
  return postJson(url, body, {
    addresses,
    headers: { 'x-tradebot-signature': `sha256=${signature}` },
    signal,
  })
}

/** The address of the API is the operator's choice, not a user's: it may be private. */
async function postTelegram(
  env: SenderSettings,
  target: TelegramTarget,
  alert: Alert,
  { resolve, signal }: How,
): Promise<Answer> {
  const url = new URL(`/bot${target.botToken}/sendMessage`, env.telegramUrl)
  const addresses = await unlessAborted(checkedAddresses(url, { allowPrivate: true, resolve }), signal)
  const about = alert.botName === null ? '' : `${alert.botName}: `
  const text = `TradeBot \u00b7 ${TITLES[alert.kind]}\n${about}${alert.message}`.slice(0, MOST_TEXT)
  const body = JSON.stringify({
    chat_id: target.chatId,
    text: `${text}\n${linkOf(env, alert)}`,
    link_preview_options: { is_disabled: true },
  })
  return postJson(url, body, { addresses, headers: {}, signal })
}

/** Telegram takes 4,096 characters a message; the link comes behind. */
const MOST_TEXT = 3_500

const TITLES: Record<AlertKind, string> = {
  BOT_ERROR: 'Bot in error',
  POSITION_UNPROTECTED: 'Position unprotected',
  BOT_LATE: 'Bot late',
  DAILY_LIMIT: 'Daily limit',
  DRAWDOWN: 'Drawdown limit',
  ORDER_UNKNOWN: 'Order unknown',
  TRANSFER_UNKNOWN: 'Transfer unknown',
  RECONCILIATION: 'Books and account differ',
  WORKER_DEAD: 'Worker dead',
  TEST: 'Test',
}

function linkOf(env: SenderSettings, alert: Alert): string {
  const page = alert.botId === null ? '/alerts' : `/bots/${alert.botId}`
  return new URL(page, env.publicUrl).href
}

function failureOf(answer: Answer): SendFailure | null {
  const { status, headers, body } = answer
  if (status >= 200 && status < 300) return null
  const asked = status === 429 ? askedSeconds(headers['retry-after'], body) : 0
  const redirect = status >= 300 && status < 400 ? ' Redirects are not followed.' : ''
  const said = body.replace(/\s+/g, ' ').trim().slice(0, 200)
  return {
    message: `The receiver answered ${status}.${redirect}${said === '' ? '' : ` It said: ${said}`}`,
    final: false,
    askedMs: asked * 1000,
  }
}

/** Telegram says it in the body, others in the header; both in seconds. */
function askedSeconds(header: string | undefined, body: string): number {
  if (header !== undefined && /^\d{1,6}$/.test(header)) return Number(header)
  try {
    return retryAfter.parse(JSON.parse(body)).parameters.retry_after
  } catch {
    // It is no answer of Telegram's kind: nothing was asked.
    return 0
  }
}

const retryAfter = z.object({ parameters: z.object({ retry_after: z.number().min(0).max(1e6) }) })

/** A name that takes long to resolve cannot be interrupted, only left. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason instanceof Error ? signal.reason : new Error('Aborted.'))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** For people; an address with a token in it is in none of these. */
function sentence(error: unknown): string {
  if (error instanceof ForbiddenAddressError || error instanceof SecretError) return error.message
  if (!(error instanceof Error)) return 'The alert could not be sent.'
  const { name } = error
  if (name === 'TimeoutError') return 'The receiver did not answer in time.'
  if (name === 'AbortError')
    return causeOf(error)?.name === 'TimeoutError'
      ? 'The receiver did not answer in time.'
      : 'The worker was stopped while it sent.'
  const code = 'code' in error ? String(error.code) : ''
  return CODES[code] ?? `The receiver could not be reached: ${error.message || code}`
}

function causeOf(error: Error): Error | null {
  return error.cause instanceof Error ? error.cause : null
}

const CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens at the address (connection refused).',
  ECONNRESET: 'The receiver broke the connection off.',
  ETIMEDOUT: 'The receiver did not answer in time.',
  EHOSTUNREACH: 'The network knows no way to the receiver.',
  ENETUNREACH: 'The network knows no way to the receiver.',
  CERT_HAS_EXPIRED: "The receiver's certificate has expired.",
  DEPTH_ZERO_SELF_SIGNED_CERT: "The receiver's certificate is self-signed.",
}
