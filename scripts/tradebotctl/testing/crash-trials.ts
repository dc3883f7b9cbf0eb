import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { copyOf, ownersThings, snapshot } from './small-product.ts'
import { BUNDLED, tradebotctl, type Ran } from './run.ts'

/** How the n-th operation goes wrong: see fault-fs.ts. */
export const MODES = ['kill', 'ENOSPC', 'EIO', 'EACCES'] as const
export type Mode = (typeof MODES)[number]

/** A command that is made to fail at some moment, and what has to be true then. */
export type Scenario = {
  name: string
  /** What each trial begins with a copy of. */
  template: string
  args: (root: string) => string[]
  /** What is wrong right after the fault. */
  afterFault: (root: string) => string[]
  /** What is wrong after the command has been run again, undisturbed. */
  atEnd: (root: string) => string[]
  /** The template has things of its owner in it, which stay as they are. */
  owned: boolean
  /** Codes with which the same command may refuse when it comes again, because all had been done. */
  doneCodes: readonly string[]
}

export type Trial = { mode: Mode; n: number; again?: number }

/**
 * One trial: the command with its n-th operation gone wrong, perhaps once more with another one killed in what recovers, then undisturbed.
 * Answers what was violated; `reached` is false when the command ended before its n-th operation.
 */
async function runTrial(
  scenario: Scenario,
  trial: Trial,
): Promise<{ reached: boolean; violations: string[] }> {
  const label = `${scenario.name} ${trial.mode}:${trial.n}${trial.again === undefined ? '' : ` then kill:${trial.again}`}`
  const root = copyOf(scenario.template, `${scenario.template}-${label.replace(/\W+/g, '-')}`)
  const things = () => (scenario.owned ? JSON.stringify(ownersThings(root)) : '')
  const owners = things()
  const violations: string[] = []
  const check = (when: string, found: string[]) =>
    violations.push(...found.map((each) => `${label}: ${when}: ${each}`))
  const checkAfterFault = (when: string, ran: Ran) => {
    check(when, scenario.afterFault(root))
    if (things() !== owners) check(when, ['data, keys or .env changed'])
    const ended = ran.signal === 'SIGKILL' || [0, 3, 4].includes(ran.code ?? -1)
    if (!ended) check(when, [`ended with ${ran.code} ${ran.signal}: ${ran.stderr}`])
    if (/INTERNAL|TypeError|at file:|at async/.test(ran.stderr + ran.stdout))
      check(when, [`a fault of the program: ${ran.stderr}${ran.stdout}`])
  }
  const first = await run(scenario, root, `${trial.mode}:${trial.n}`)
  const reached = first.ran.signal === 'SIGKILL' || first.operations >= trial.n
  checkAfterFault('right after', first.ran)
  if (reached) {
    if (trial.again !== undefined)
      checkAfterFault('after the second', (await run(scenario, root, `kill:${trial.again}`)).ran)
    const { ran } = await run(scenario, root, 'count')
    const refused = scenario.doneCodes.some((code) => ran.stdout.includes(`"${code}"`))
    if (ran.code !== 0 && !(ran.code === 4 && refused))
      check('the next run', [`ended with ${ran.code}: ${ran.stdout}${ran.stderr}`])
    check('at the end', scenario.atEnd(root))
    if (things() !== owners) check('at the end', ['data, keys or .env changed'])
  }
  if (violations.length === 0) rmSync(root, { recursive: true, force: true })
  return { reached, violations }
}

/** How many operations the command makes when nothing goes wrong. */
export async function countOperations(scenario: Scenario): Promise<number> {
  const root = copyOf(scenario.template, `${scenario.template}-count`)
  const { ran, operations } = await run(scenario, root, 'count')
  if (ran.code !== 0) throw new Error(`${scenario.name}: ${ran.stderr}${ran.stdout}`)
  const wrong = scenario.atEnd(root)
  if (wrong.length > 0) throw new Error(`${scenario.name}, undisturbed: ${wrong.join('; ')}`)
  rmSync(root, { recursive: true, force: true })
  return operations
}

/** Runs trials two at a time; answers how many were made and what was violated. */
export async function runTrials(
  scenario: Scenario,
  trials: readonly Trial[],
  onDone: (done: number, total: number, violations: readonly string[]) => void = () => undefined,
): Promise<{ reached: number; violations: string[] }> {
  const waiting = [...trials]
  const violations: string[] = []
  let [done, reached] = [0, 0]
  const work = async () => {
    for (let trial = waiting.shift(); trial !== undefined; trial = waiting.shift()) {
      const result = await runTrial(scenario, trial)
      violations.push(...result.violations)
      if (result.reached) reached++
      onDone(++done, trials.length, result.violations)
    }
  }
  await Promise.all([work(), work()])
  return { reached, violations }
}

async function run(
  scenario: Scenario,
  root: string,
  fault: string,
): Promise<{ ran: Ran; operations: number }> {
  const counter = `${root}.count`
  const ran = await tradebotctl([...scenario.args(root), '--json'], {
    program: process.env['TRADEBOTCTL'] ?? BUNDLED,
    cwd: path.dirname(root),
    nodeArgs: ['--import', path.join(import.meta.dirname, 'fault-fs.ts')],
    env: {
      TRADEBOT_FAULT: fault,
      TRADEBOT_FAULT_COUNT: counter,
      TRADEBOT_DATA_DIR: undefined,
      DATABASE_URL: undefined,
      // Read again and again, it is compiled once.
      NODE_COMPILE_CACHE: path.join(path.dirname(scenario.template), 'compiled'),
    },
  })
  const operations = ran.signal === null ? Number(readFileSync(counter, 'utf8')) : 0
  rmSync(counter, { force: true })
  return { ran, operations }
}

/** The names in a folder that are not among the expected ones, and those of them that are missing. */
export function wrongNames(root: string, expected: readonly string[]): string[] {
  const names = Object.keys(snapshot(root)).filter((name) => name !== '.' && !name.includes(path.sep))
  const extra = names.filter((name) => !expected.includes(name)).map((name) => `left over: ${name}`)
  const missing = expected.filter((name) => !names.includes(name)).map((name) => `missing: ${name}`)
  return [...extra, ...missing]
}
