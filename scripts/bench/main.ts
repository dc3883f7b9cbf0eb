import { benchBacktest } from './backtest.ts'
import { benchManifest } from './manifest.ts'

type Benchmark = { what: string; run: () => Promise<boolean> }

/** By name; `npm run bench -- NAME`. Each answers whether the figure that it holds was reached. */
const BENCHMARKS: Record<string, Benchmark> = {
  backtest: {
    what: 'a year of one-minute candles: a backtest against a bare loop over the same indicators',
    run: benchBacktest,
  },
  manifest: {
    what: 'a 1 GiB tree of 20,000 files: tradebotctl manifest against sha256sum',
    run: benchManifest,
  },
}

const [name, ...rest] = process.argv.slice(2)
const chosen = name === undefined ? undefined : BENCHMARKS[name]
if (chosen !== undefined && rest.length === 0) {
  process.exitCode = (await chosen.run()) ? 0 : 1
} else {
  const list = Object.entries(BENCHMARKS).map(([each, { what }]) => `  ${each.padEnd(12)}${what}`)
  const wrong = name !== undefined && name !== '--help'
  const text = `${wrong ? `There is no benchmark "${process.argv.slice(2).join(' ')}".\n` : ''}npm run bench -- NAME\n${list.join('\n')}\n`
  if (wrong) process.stderr.write(text)
  else process.stdout.write(text)
  process.exitCode = wrong ? 2 : 0
}
