import { setTimeout as sleep } from 'node:timers/promises'
import { addTestAlert, recentTests } from '#trading/store/alert-channels.ts'
import { readDelivery } from '#trading/store/alert-deliveries.ts'
import { readWorkerHealth } from '#trading/store/heartbeats.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { RateLimitedError } from '../auth/account-errors.ts'
import type { Services } from '../context.ts'

/** What became of a test; the message is for people. */
export type ChannelTest = { delivered: boolean; message: string }

const MOST_A_MINUTE = 10
const WAIT_MS = 10_000

/**
 * Sends a test to a channel, by the worker and on the way that alerts take, and waits at most 10 s for what becomes of it.
 * @throws NotFoundError, RateLimitedError
 */
export async function testAlertChannel(
  { pool, env }: Pick<Services, 'pool' | 'env'>,
  userId: string,
  channelId: string,
): Promise<ChannelTest> {
  if ((await recentTests(pool, userId)) >= MOST_A_MINUTE) throw new RateLimitedError(60)
  const { beatAgeMs } = await readWorkerHealth(pool)
  const delivery = await inTransaction(pool, (tx) => addTestAlert(tx, userId, channelId))
  if (beatAgeMs === null || beatAgeMs >= env.timing.deadAfterMs) {
    return {
      delivered: false,
      message:
        'No worker is running, and only a worker sends alerts: start one (npm run worker), and the test goes out.',
    }
  }
  const deadline = performance.now() + WAIT_MS
  while (performance.now() < deadline) {
    await sleep(100)
    const { status, error } = await readDelivery(pool, delivery)
    if (status === 'SENT') return { delivered: true, message: 'The test has arrived.' }
    if (status === 'FAILED') return { delivered: false, message: error ?? 'The test could not be sent.' }
  }
  return {
    delivered: false,
    message:
      'Nothing is known of the test after 10 seconds; the list of alerts will show what becomes of it.',
  }
}
