import { afterAll, beforeAll, describe, test } from 'vitest'
import { oneEntryOfOneSignal, testEngine } from './engine.ts'
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

test('from sign-up to round trips, PAPER and LIVE, and the books agree with the exchange to the last digit', async () => {
  const waves = makeWaves(sandbox, 'BTCUSDT')
  waves.start()
  try {
    // Three entries: the dust that the fee in BTC left after the first did not stop the next.
    await tradeBothModes(system, { liveEntries: 3, timeoutMs: 60_000 })
  } finally {
    await waves.stop()
  }
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
