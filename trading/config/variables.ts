import { isIP } from 'node:net'
import { z } from 'zod'

/**
 * Every environment variable that TradeBot reads: how it is parsed, what stands when it is unset, and what it means. The README's table is
 * printed from this list (`environmentTable` in env.ts).
 */
export const variables = {
  DATABASE_URL: parsed('must be a PostgreSQL address like postgres://user:password@host:5432/name', (text) =>
    /^postgres(ql)?:$/.test(protocolOf(text) ?? '') ? text : undefined,
  )
    .optional()
    .meta({ fallback: 'unset: embedded PostgreSQL', meaning: 'any PostgreSQL ≥ 14', secret: true }),
  TRADEBOT_DATA_DIR: z.string().default('.tradebot').meta({
    fallback: '`.tradebot`',
    meaning: 'embedded database, generated master key, logs, sandbox accounts',
  }),
  HOST: parsed('must be an IP address or a host name', (text) =>
    isIP(text) !== 0 || /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text) ? text : undefined,
  )
    .default('127.0.0.1')
    .meta({ fallback: '`127.0.0.1`', meaning: 'the address that the server listens on' }),
  PORT: wholeNumber(1, 65535)
    .default(4000)
    .meta({ fallback: '`4000`', meaning: 'web UI, GraphQL at `/graphql`, health at `/healthz`' }),
  TRADEBOT_MASTER_KEY: parsed(
    'must be 32 bytes in base64 (make one with: openssl rand -base64 32)',
    parseMasterKey,
  )
    .optional()
    .meta({
      fallback: 'generated once into the data dir (0600); required with `DATABASE_URL`',
      meaning:
        '32 bytes, base64; encrypts exchange secrets (AES-256-GCM). The database keeps its fingerprint; a process with another key exits 1',
      secret: true,
    }),
  TRADEBOT_SIGNUP: oneOf(['first', 'open', 'closed']).default('first').meta({
    fallback: '`first`',
    meaning: 'who may sign up: `first`: only the first account; `open`; `closed`',
  }),
  TRADEBOT_SIGNUP_CODE: z.string().optional().meta({
    fallback: 'generated and printed at the start when `HOST` is not this machine alone',
    meaning: 'the code that the first sign-up must give then',
    secret: true,
  }),
  TRADEBOT_EXCHANGES: parsed(
    'must be a comma-separated list of exchange ids, like sandbox,binance',
    (text) => {
      const ids = splitList(text)
      return ids.length > 0 && ids.every((id) => /^[a-z0-9]+$/.test(id)) ? [...new Set(ids)] : undefined
    },
  )
    .default(['sandbox', 'binance', 'bybit', 'okx', 'kraken', 'krakenfutures'])
    .meta({
      fallback: '`sandbox,binance,bybit,okx,kraken,krakenfutures`',
      meaning:
        "which exchanges are offered; any ccxt id. LIVE only where the venue's recipe is proven by tests (`Exchange.live`), PAPER elsewhere",
    }),
  TRADEBOT_PUBLIC_URL: parsed('must be an address like https://tradebot.example.com', originOf)
    .optional()
    .meta({ fallback: '`http://HOST:PORT`', meaning: 'the address that people use' }),
  TRADEBOT_ORIGINS: parsed(
    'must be a comma-separated list of origins, like https://tradebot.example.com',
    (text) => {
      const origins = splitList(text).map(originOf)
      return origins.every((origin) => origin !== undefined) ? origins : undefined
    },
  )
    .default([])
    .meta({ fallback: 'none', meaning: 'further allowed origins, comma-separated' }),
  TRADEBOT_TRUST_PROXY: oneOf(['on', 'off', 'true', 'false', '1', '0']).default('off').meta({
    fallback: '`off`',
    meaning: 'whether forwarded headers are believed (`on` behind a reverse proxy)',
  }),
  TRADEBOT_ALERT_PRIVATE: oneOf(['on', 'off', 'true', 'false', '1', '0']).default('off').meta({
    fallback: '`off`',
    meaning:
      'whether webhooks may lead to private, loopback and link-local addresses (`on` only where every account may reach them)',
  }),
  TRADEBOT_TELEGRAM_URL: parsed('must be an address like https://telegram.example.com', originOf)
    .default('https://api.telegram.org')
    .meta({
      fallback: "Telegram's own",
      meaning: "replaces scheme, host and port of Telegram's bot API (tests, proxies)",
    }),
  SANDBOX_PORT: wholeNumber(1, 65535).default(4010).meta({
    fallback: '`4010`',
    meaning: 'the sandbox exchange; `TRADEBOT_EXCHANGE_SANDBOX_URL` points elsewhere',
  }),
  WORKER_CONCURRENCY: wholeNumber(1, 1000).default(10).meta({
    fallback: '`10`',
    meaning: 'jobs at a time in one worker process; exits and settling have slots of their own',
  }),
  LOG_LEVEL: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .meta({ fallback: '`info`', meaning: 'pino levels; JSON, pretty on a terminal' }),
  TRADEBOT_INSTANCE_ID: z.string().optional().meta({
    fallback: 'set by `npm start`',
    meaning: 'returned by `/healthz`, so that a start recognises its own parts',
  }),
  TRADEBOT_HTTP_TIMEOUT_MS: milliseconds(10_000, 'how long an exchange may take to answer'),
  TRADEBOT_SEND_BUDGET_MS: milliseconds(
    3_000,
    'an order not on its way this long after its claim is not sent',
  ),
  TRADEBOT_RECV_WINDOW_MS: milliseconds(
    5_000,
    "the venue's own expiry of a signed order (at most 5000)",
    5_000,
  ),
  TRADEBOT_SETTLE_SKEW_MS: milliseconds(
    1_000,
    'how far clocks may differ before an order counts as not placed',
  ),
  TRADEBOT_HEARTBEAT_MS: milliseconds(2_000, 'how often a worker says that it lives'),
  TRADEBOT_DEAD_AFTER_MS: milliseconds(
    10_000,
    'a worker silent for this long is dead, and its jobs are freed',
  ),
  TRADEBOT_DISPATCH_MS: milliseconds(250, 'how often a worker looks for due bots and orders'),
  TRADEBOT_RECONCILE_MS: milliseconds(180_000, 'how often the books are compared with each account'),
  TRADEBOT_UNKNOWN_ERROR_MS: milliseconds(600_000, 'an order UNKNOWN for this long puts its bot into ERROR'),
}

/** Rows of the documentation that stand for no single variable. */
export const variablePatterns = [
  {
    name: 'TRADEBOT_EXCHANGE_<ID>_URL',
    fallback: "the exchange's own",
    meaning: 'replaces scheme, host and port of every endpoint of that ccxt exchange (tests, proxies)',
  },
]

/** The origin (scheme, host, port) of an http(s) address, or undefined when it is none. */
export function originOf(text: string): string | undefined {
  return /^https?:$/.test(protocolOf(text) ?? '') ? new URL(text).origin : undefined
}

/** 32 bytes from base64, or undefined. */
export function parseMasterKey(text: string): Buffer | undefined {
  const key = Buffer.from(text, 'base64')
  return key.length === 32 && /^[A-Za-z0-9+/]{43}=?$/.test(text) ? key : undefined
}

function milliseconds(fallback: number, meaning: string, max = 86_400_000) {
  return wholeNumber(1, max)
    .default(fallback)
    .meta({ fallback: `\`${fallback}\``, meaning: `advanced: ${meaning}` })
}

function wholeNumber(min: number, max: number) {
  return parsed(`must be a whole number from ${min} to ${max}`, (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    return value >= min && value <= max ? value : undefined
  })
}

function oneOf<const T extends string>(words: readonly T[]) {
  return parsed(`must be one of ${words.join(', ')}`, (text) => words.find((word) => word === text))
}

/** A schema of a variable's text; `parse` answers undefined for what breaks the rule. */
function parsed<T>(rule: string, parse: (text: string) => T | undefined) {
  return z.string().transform((text, context): T => {
    const value = parse(text)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: rule })
    return z.NEVER
  })
}

function protocolOf(text: string): string | undefined {
  return URL.canParse(text) ? new URL(text).protocol : undefined
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}
