import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { test } from 'vitest'
import { withTransfers } from './transfer.fixture.ts'

/**
 * A worker is killed (SIGKILL, a real process) at each step of a transfer, and another one goes on. What the exchange knows shows that money
 * never moved twice, and the books miss nothing that moved.
 */
const all = withTransfers()

const STEPS: { job: 'execute' | 'settle'; dieAt: string; leaves: string; moved: boolean }[] = [
  { job: 'execute', dieAt: 'before commit 2', leaves: 'INTENDED', moved: true },
  { job: 'execute', dieAt: 'after commit 2', leaves: 'SUBMITTING', moved: false },
  { job: 'execute', dieAt: 'while sending', leaves: 'SUBMITTING', moved: true },
  { job: 'execute', dieAt: 'before commit 3', leaves: 'SUBMITTING', moved: true },
  { job: 'execute', dieAt: 'after commit 3', leaves: 'DONE', moved: true },
  { job: 'settle', dieAt: 'before commit 1', leaves: 'UNKNOWN', moved: true },
  { job: 'settle', dieAt: 'after commit 1', leaves: 'DONE', moved: true },
]

test.concurrent.for(STEPS)(
  'killed in $job, $dieAt: $leaves, and in the end once or never',
  { timeout: 90_000 },
  async ({ job, dieAt, leaves, moved }, { expect }) => {
    const owner = await all.account()
    const { id, orderId } = await owner.intended()
    // Starting a process must not make the entry too old.
    await all.db.pool.query(`UPDATE orders SET created_at = created_at + interval '1 minute' WHERE id = $1`, [
      orderId,
    ])
    if (job === 'settle') {
      await owner.fault('drop')
      expect(await all.send(id)).toBe('Unknown')
      await all.db.pool.query(
        `UPDATE transfers SET submit_deadline = tradebot_now(), next_settle_at = tradebot_now() WHERE id = $1`,
        [id],
      )
    }
    if (dieAt === 'while sending') await owner.fault('delay', { ms: 3_000 })
    expect(await killed(id, job, dieAt)).toBe('SIGKILL')
    expect((await all.row(id)).status).toBe(leaves)
    expect(await all.end(id)).toBe(moved ? 'DONE' : 'NOT_PLACED')
    await all.expectAgreed(owner, id, moved)
  },
)

// Half of what a child takes is to compile ccxt; it lies where `npm start` leaves it too.
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/node', import.meta.url))

/** Does the job in a process that dies; answers the signal it died of. */
async function killed(transferId: string, job: string, dieAt: string): Promise<unknown> {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('transfer-victim.fixture.ts', import.meta.url))],
    {
      env: {
        ...process.env,
        NODE_COMPILE_CACHE: CACHE,
        DATABASE_URL: all.db.url,
        SANDBOX_URL: all.sandboxUrl,
        MASTER_KEY: all.engine.deps.env.masterKey.toString('base64'),
        TRANSFER_ID: transferId,
        JOB: job,
        DIE_AT: dieAt,
      },
      stdio: 'inherit',
    },
  )
  const [, signal] = await once(child, 'exit')
  return signal
}
