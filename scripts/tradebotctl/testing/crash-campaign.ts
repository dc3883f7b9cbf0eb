import { parseArgs } from 'node:util'
import { MODES, countOperations, runTrials, type Scenario, type Trial } from './crash-trials.ts'
import {
  downgradeScenario,
  installScenario,
  repairScenario,
  rollbackScenario,
  updateScenario,
} from './crash-scenarios.ts'
import { makeWorkshop } from './small-product.ts'

// `npm run crash`: each command that changes an installation is killed, and fails in each way, at every operation on the file system until it
// ends; and is killed twice. `npm run crash update repair` runs these two only,
// `npm run crash -- --every=5` every fifth trial. Exits 1 on any violation.
const scenarios = [updateScenario, repairScenario, rollbackScenario, downgradeScenario, installScenario]
const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { every: { type: 'string', default: '1' } },
})
const every = Math.max(Number(values.every), 1)
const workshop = makeWorkshop()
let violated = 0
try {
  for (const make of scenarios) {
    const name = make.name.replace('Scenario', '')
    if (wanted.length > 0 && !wanted.includes(name)) continue
    await campaign(await make(workshop))
  }
} finally {
  if (violated === 0) workshop.remove()
  else say(`What was found wrong is left in ${workshop.folder}.`)
}
process.exitCode = violated === 0 ? 0 : 1

async function campaign(scenario: Scenario): Promise<void> {
  const began = performance.now()
  const operations = await countOperations(scenario)
  const each = Array.from({ length: operations }, (_, index) => index + 1)
  const once = MODES.flatMap((mode) => each.map((n): Trial => ({ mode, n })))
  // A second kill, wherever it falls in what recovers: spread evenly, and the same in every run.
  const twice = each.map((n): Trial => ({ mode: 'kill', n, again: 1 + ((n * 37) % operations) }))
  const trials = [...once, ...twice].filter((_, index) => index % every === 0)
  say(`${scenario.name}: ${operations} operations, ${trials.length} trials …`)
  const { reached, violations } = await runTrials(scenario, trials, (done, total, found) => {
    for (const violation of found) say(`VIOLATION ${violation}`)
    if (done % 100 === 0) say(`${scenario.name}: ${done} of ${total}`)
  })
  violated += violations.length
  const seconds = Math.round((performance.now() - began) / 1000)
  say(
    `${scenario.name}: ${reached} trials at ${operations} operations, ${violations.length} violations, ${seconds} s`,
  )
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
