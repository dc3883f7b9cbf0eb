import { afterAll, beforeAll, describe, test } from 'vitest'
import { oneEntryOfOneSignal, testEngine } from './engine.ts'
import { tradeFutures } from './futures.ts'
import { testRefusals } from './refusals.ts'
import { tradeBothModes } from './round-trips.ts'
import { testSafety } from './safety.ts'
import { openSandbox, type Sandbox } from './sandbox.ts'
import { startSystem, type System } from './system.ts'
import { calm, makeWaves } from './waves.ts'

// One system for all that does not need one of its own; starting it is the slowest part.
let system: System
let sandbox: Sandbox
/** Under way while others run: most of it is waiting for a minute to end. */
let oneSignal: Promise<void>
const opened = () => ({ system, sandbox })
beforeAll(async () => {
  system = await startSystem()
  sandbox = openSandbox(system.sandboxUrl)
  oneSignal = oneEntryOfOneSignal(system, sandbox)
  // Its own test says so, below.
  oneSignal.catch(() => undefined)
})
afterAll(() => system?.stop())

// Each has markets, users and keys of its own; both mostly wait for candles.
describe.concurrent('round trips', () => {
  test('from sign-up on, PAPER and LIVE, and the books agree with the exchange to the last digit', async () => {
    const waves = makeWaves(sandbox, 'BTCUSDT')
    waves.start()
    try {
      // Three entries: the dust that the fee in BTC left after the first did not stop the next.
      await tradeBothModes(system, { liveEntries: 3, timeoutMs: 60_000 })
    } finally {
      await waves.stop()
    }
  })
  test(
    'of perpetuals, long and short, with transfers and funding, and every book agrees',
    () => tradeFutures(system, sandbox),
    240_000,
  )
})

describe('refusals', () => testRefusals(opened))

describe('with calm markets', () => {
  beforeAll(() => calm(sandbox, ['BTCUSDT', 'ETHUSDT', 'BNBUSDT']))
  testEngine(opened)
  test(
    'one signal makes one entry, though its candle stays the last closed one for a minute of ticks',
    () => oneSignal,
    180_000,
  )
  testSafety(opened)
})
