import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EnvError } from './env-error.ts'
import { environmentTable, loadDatabaseUrl, loadEnv, loadSettings } from './env.ts'
import { writeRunFile } from './run-file.ts'

const key = Buffer.alloc(32, 7).toString('base64')
const DATABASE_URL = 'postgres://u:p@db.example:5432/tradebot'
let dataDir: string

beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'tradebot-env-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

function problemsOf(load: () => unknown): string[] {
  try {
    load()
  } catch (error) {
    if (error instanceof EnvError) return error.problems
    throw error
  }
  return []
}

test('unset and empty variables take their defaults', () => {
  const env = loadEnv({ DATABASE_URL, TRADEBOT_MASTER_KEY: key, PORT: '', HOST: undefined })
  expect(env).toMatchObject({
    databaseUrl: DATABASE_URL,
    host: '127.0.0.1',
    port: 4000,
    publicUrl: 'http://127.0.0.1:4000',
    signup: 'first',
    exchanges: ['sandbox', 'binance', 'bybit', 'okx', 'kraken', 'krakenfutures'],
    exchangeUrls: { sandbox: 'http://127.0.0.1:4010' },
    origins: [],
    trustProxy: false,
    alertPrivate: false,
    telegramUrl: 'https://api.telegram.org',
    workerConcurrency: 10,
    logLevel: 'info',
    timing: { recvWindowMs: 5000, unknownErrorMs: 600_000 },
  })
  expect(env.masterKey.equals(Buffer.alloc(32, 7))).toBe(true)
})

test('one port for two listeners is refused by both names', () => {
  const problems = problemsOf(() =>
    loadEnv({ DATABASE_URL, TRADEBOT_MASTER_KEY: key, PORT: '4321', SANDBOX_PORT: '4321' }),
  )
  expect(problems).toEqual(['PORT and SANDBOX_PORT are both 4321; give one of them another number.'])
})

test('every problem is reported at once, each by its name, and no secret is repeated', () => {
  const problems = problemsOf(() =>
    loadEnv({
      DATABASE_URL: 'mysql://root:hunter2@db/x',
      TRADEBOT_MASTER_KEY: 'hunter2',
      PORT: '80000',
      TRADEBOT_SIGNUP: 'maybe',
      TRADEBOT_RECV_WINDOW_MS: '6000',
      TRADEBOT_EXCHANGE_KRAKEN_URL: 'kraken',
      TRADEBOT_ORIGINS: 'https://a.example, b',
    }),
  )
  expect(problems).toEqual([
    'DATABASE_URL must be a PostgreSQL address like postgres://user:password@host:5432/name.',
    'PORT must be a whole number from 1 to 65535; it is "80000".',
    'TRADEBOT_MASTER_KEY must be 32 bytes in base64 (make one with: openssl rand -base64 32).',
    'TRADEBOT_SIGNUP must be one of first, open, closed; it is "maybe".',
    'TRADEBOT_ORIGINS must be a comma-separated list of origins, like https://tradebot.example.com; it is "https://a.example, b".',
    'TRADEBOT_RECV_WINDOW_MS must be a whole number from 1 to 5000; it is "6000".',
    'TRADEBOT_EXCHANGE_KRAKEN_URL must be an address like http://127.0.0.1:4010; it is "kraken".',
  ])
})

test('DATABASE_URL alone is not enough: the master key has to be given with it', () => {
  expect(problemsOf(() => loadEnv({ DATABASE_URL }))).toEqual([
    expect.stringContaining('TRADEBOT_MASTER_KEY is required with DATABASE_URL'),
  ])
  expect(loadDatabaseUrl({ DATABASE_URL })).toBe(DATABASE_URL)
})

test('a part run alone finds the embedded database in run.json and makes the master key once', () => {
  const env = { TRADEBOT_DATA_DIR: dataDir }
  expect(problemsOf(() => loadEnv(env))).toEqual([
    expect.stringMatching(/^DATABASE_URL is not set .*run npm start/),
  ])
  const self = { pid: process.pid, startTime: '1' }
  writeRunFile(dataDir, {
    instanceId: 'i',
    state: 'ready',
    url: 'http://127.0.0.1:4000',
    databaseUrl: DATABASE_URL,
    supervisor: self,
    children: {},
  })
  const first = loadEnv(env)
  expect(first.databaseUrl).toBe(DATABASE_URL)
  expect(first.masterKey).toHaveLength(32)
  expect(loadEnv(env).masterKey.equals(first.masterKey)).toBe(true)
  expect(statSync(path.join(dataDir, 'master.key')).mode & 0o777).toBe(0o600)
  expect(statSync(path.join(dataDir, 'run.json')).mode & 0o777).toBe(0o600)
  expect(readFileSync(path.join(dataDir, 'master.key'), 'utf8').trim()).toBe(
    first.masterKey.toString('base64'),
  )
})

test('exchange addresses keep scheme, host and port only, by lower-case id', () => {
  const settings = loadSettings({
    TRADEBOT_EXCHANGE_BINANCE_URL: 'https://proxy.example:8443/x',
    SANDBOX_PORT: '5010',
  })
  expect(settings.exchangeUrls).toEqual({
    sandbox: 'http://127.0.0.1:5010',
    binance: 'https://proxy.example:8443',
  })
})

test('the printed table has a row for each variable', () => {
  expect(environmentTable().split('\n').length).toBeGreaterThan(20)
  expect(environmentTable()).toContain('| `PORT` | `4000` | web UI')
})
