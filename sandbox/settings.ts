import { parseArgs } from 'node:util'
import { z } from 'zod'

export const HELP = `Usage: node sandbox/main.ts [options]

An exchange on your own machine that speaks the REST APIs of Binance's spot market and of its
USDT-margined perpetuals, and transfers between their wallets, with play money.

  --port N              port to listen on (SANDBOX_PORT, default 4010; 0: any free one)
  --host ADDRESS        address to listen on (default 127.0.0.1)
  --data DIR            data folder; accounts and orders go to DIR/sandbox (TRADEBOT_DATA_DIR, default .tradebot)
  --seed N              seed of the synthetic market (default 1)
  --replay SYMBOL=FILE  play recorded candles (CSV: openTimeMs,open,high,low,close,volume); may be repeated
  --bar LENGTH          length of one replayed candle, like 1s or 500ms (default: the file's own interval)
  --help                this text

LOG_LEVEL sets how much is logged (default info).
`

export type Settings = {
  port: number
  host: string
  dataDir: string
  seed: number
  replay: Record<string, string>
  barMs: number | undefined
  logLevel: string
}

const integer = (name: string, max: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/, `${name} must be a whole number`)
    .transform(Number)
    .refine((value) => value <= max, `${name} must be at most ${max}`)

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const barLength = z
  .string()
  .regex(/^[1-9]\d{0,5}(ms|s|m|h|d)$/, '--bar must be a length like 1s, 500ms or 1m')
  .transform((text) => {
    const [, count = '1', unit = 's'] = /^(\d+)(\w+)$/.exec(text) ?? []
    return Number(count) * (UNIT_MS[unit] ?? 1000)
  })
  .refine((ms) => ms >= 100, '--bar must be at least 100ms')

const replayed = z
  .string()
  .regex(/^[A-Z0-9]{3,20}=.+$/, '--replay must be SYMBOL=FILE, like BTCUSDT=candles.csv')

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

/** Reads arguments and environment; 'help' if that was asked for. Throws one sentence that names all that is wrong. */
export const readSettings = (args: string[], env: NodeJS.ProcessEnv): Settings | 'help' => {
  const { values } = parseArgs({
    args,
    strict: true,
    allowPositionals: false,
    options: {
      port: { type: 'string' },
      host: { type: 'string' },
      data: { type: 'string' },
      seed: { type: 'string' },
      replay: { type: 'string', multiple: true },
      bar: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) return 'help'
  const portName = values.port === undefined ? 'SANDBOX_PORT' : '--port'
  const schema = z.object({
    port: integer(portName, 65_535),
    host: z.string().min(1, '--host must not be empty'),
    dataDir: z.string().min(1, 'TRADEBOT_DATA_DIR must not be empty'),
    seed: integer('--seed', 4_294_967_295),
    replay: z.array(replayed),
    barMs: barLength.optional(),
    logLevel: z.enum(LEVELS, `LOG_LEVEL must be one of ${LEVELS.join(', ')}`),
  })
  const parsed = schema.safeParse({
    port: values.port ?? (env.SANDBOX_PORT || '4010'),
    host: values.host ?? '127.0.0.1',
    dataDir: values.data ?? (env.TRADEBOT_DATA_DIR || '.tradebot'),
    seed: values.seed ?? '1',
    replay: values.replay ?? [],
    barMs: values.bar,
    logLevel: env.LOG_LEVEL || 'info',
  })
  if (!parsed.success) throw new Error(parsed.error.issues.map((issue) => issue.message).join('; '))
  const pairs = parsed.data.replay.map((text): [string, string] => {
    const at = text.indexOf('=')
    return [text.slice(0, at), text.slice(at + 1)]
  })
  return { ...parsed.data, barMs: parsed.data.barMs, replay: Object.fromEntries(pairs) }
}
