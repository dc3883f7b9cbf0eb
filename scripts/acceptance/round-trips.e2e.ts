import { afterAll, beforeAll, test } from 'vitest'
import { tradeBothModes } from './round-trips.ts'
import { openSandbox } from './sandbox.ts'
import { startSystem, type System } from './system.ts'
import { makeWaves } from './waves.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system?.stop())

test('from sign-up to round trips, PAPER and LIVE, and the books agree with the exchange to the last digit', async () => {
  const waves = makeWaves(openSandbox(system.sandboxUrl), 'BTCUSDT')
  waves.start()
  try {
    // Three entries: the dust that the fee in BTC left after the first did not stop the next.
    await tradeBothModes(system, { liveEntries: 3, timeoutMs: 60_000 })
  } finally {
    await waves.stop()
  }
})
