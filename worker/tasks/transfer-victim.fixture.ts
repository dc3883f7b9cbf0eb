/**
 * A worker process for tests that does one job of a transfer and kills itself (SIGKILL) at the point DIE_AT: "before|after commit n" of its nth
 * transaction, "while sending" (the request is on its way), "after send" (the answer is there), "after look". Given nothing it ends with 0.
 */
import { flushCompileCache } from 'node:module'
import pg from 'pg'
import { z } from 'zod'
import type { TradingAccount } from '#trading/domain/exchange.ts'
import { makePool } from '#trading/store/pool.ts'
import type { WorkerDeps } from '../deps.ts'
import { makeEngine } from './engine.fixture.ts'
import { executeTransfer } from './execute-transfer.ts'
import { settleTransfer } from './settle-transfer.ts'

const given = z
  .object({
    DATABASE_URL: z.string(),
    SANDBOX_URL: z.string(),
    MASTER_KEY: z.string(),
    TRANSFER_ID: z.string(),
    JOB: z.enum(['execute', 'settle']),
    DIE_AT: z.string(),
  })
  .parse(process.env)

// Who is killed leaves no cache behind.
flushCompileCache()

function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => undefined)
}

const at = async (point: string) => {
  if (point === given.DIE_AT) await die()
}

let commits = 0
const query: unknown = Reflect.get(pg.Client.prototype, 'query')
if (typeof query !== 'function') throw new Error('pg has no query')
Reflect.set(pg.Client.prototype, 'query', function (this: pg.Client, ...args: unknown[]): unknown {
  if (args[0] !== 'COMMIT') return Reflect.apply(query, this, args)
  const nth = ++commits
  return (async () => {
    await at(`before commit ${nth}`)
    const result: unknown = await Reflect.apply(query, this, args)
    await at(`after commit ${nth}`)
    return result
  })()
})

/** Of transfer.fixture.ts, which is of vitest. */
const PATIENT = { httpTimeoutMs: 4_000, sendBudgetMs: 4_000, recvWindowMs: 5_000 }
const pool = makePool(given.DATABASE_URL, { max: 3, applicationName: 'victim' })
const engine = makeEngine(pool, given.DATABASE_URL, given.SANDBOX_URL, PATIENT)
engine.deps.env.masterKey = Buffer.from(given.MASTER_KEY, 'base64')

const mortal = (account: TradingAccount): TradingAccount => ({
  ...account,
  async transfer(request) {
    // The exchange holds its answer back for longer than this.
    if (given.DIE_AT === 'while sending') setTimeout(() => void die(), 200)
    const result = await account.transfer(request)
    await at('after send')
    return result
  },
  async fetchTransfers(currency, since) {
    const history = await account.fetchTransfers(currency, since)
    await at('after look')
    return history
  },
})
const deps: WorkerDeps = {
  ...engine.deps,
  accounts: { forKey: async (id) => mortal(await engine.deps.accounts.forKey(id)) },
}

const job = given.JOB === 'execute' ? executeTransfer : settleTransfer
for (let turn = 0; turn < 10; turn++) {
  commits = 0
  // On a busy machine the exchange of the test may seem away for a while.
  const outcome = await job({ transferId: given.TRANSFER_ID }, deps)
  process.stdout.write(`${outcome}\n`)
  if (!/^(Waits|Could not look)/.test(outcome)) break
}
process.exit(0)
