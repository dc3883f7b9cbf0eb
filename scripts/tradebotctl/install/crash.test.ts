import { afterAll, beforeAll, expect, test } from 'vitest'
import { repairScenario, updateScenario } from '../testing/crash-scenarios.ts'
import { MODES, countOperations, runTrials, type Scenario, type Trial } from '../testing/crash-trials.ts'
import { makeWorkshop, type Workshop } from '../testing/small-product.ts'

// A short stride; `npm run crash` goes through every operation.
const PER_COMMAND = 12

let workshop: Workshop
beforeAll(() => {
  workshop = makeWorkshop()
})
afterAll(() => workshop.remove())

test.each([
  ['update', updateScenario],
  ['repair', repairScenario],
])(
  '%s that is killed, or whose disk fails, leaves a whole release, and the next run completes it',
  async (_name, make) => {
    const scenario = await make(workshop)
    const trials = await spread(scenario)
    const { reached, violations } = await runTrials(scenario, trials)
    expect(violations).toEqual([])
    expect(reached).toBe(PER_COMMAND)
  },
  120_000,
)

/** Evenly over the operations, and in turn over the ways in which they go wrong. */
async function spread(scenario: Scenario): Promise<Trial[]> {
  const operations = await countOperations(scenario)
  return Array.from({ length: PER_COMMAND }, (_, index) => {
    const n = 1 + Math.floor(((index + 0.5) * operations) / PER_COMMAND)
    const mode = MODES[index % MODES.length] ?? 'kill'
    return mode === 'kill' ? { mode, n, again: 1 + ((n * 37) % operations) } : { mode, n }
  })
}
