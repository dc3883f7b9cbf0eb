import { spawnSync } from 'node:child_process'
import path from 'node:path'

// `npm run check`: all that can be said about the code without running it. Every step runs, so that one run names everything.
const root = path.join(import.meta.dirname, '..')
const steps: [string, string[]][] = [
  ['types', ['tsc', '-p', '.']],
  ['types of the app', ['tsc', '-p', 'app']],
  ["types of the app's browser tests", ['tsc', '-p', 'app/e2e']],
  ['lint', ['oxlint', '--type-aware', '--report-unused-disable-directives', '--deny-warnings']],
  ['format', ['prettier', '--check', '--log-level', 'warn', '.']],
  ['dead code', ['knip']],
  ['schema.graphql', ['node', 'scripts/print-schema.ts', '--check']],
  ['GraphQL types of the app', ['node', 'scripts/check-graphql-types.ts']],
  ['migrations', ['node', 'scripts/check-migrations.ts']],
]
const bin = path.join(root, 'node_modules', '.bin')
const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}` }

const failed: string[] = []
for (const [name, [command = '', ...args]] of steps) {
  const began = performance.now()
  const result = spawnSync(path.join(bin, command), args, {
    cwd: root,
    env,
    encoding: 'utf8',
    timeout: 300_000,
  })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  process.stdout.write(`${result.status === 0 ? '✓' : '✗'} ${name} (${seconds} s)\n`)
  if (result.status === 0) continue
  failed.push(name)
  process.stdout.write(`${result.stdout}${result.stderr}${result.error ? `${result.error.message}\n` : ''}`)
}
if (failed.length > 0) {
  process.stdout.write(`Check failed: ${failed.join(', ')}.\n`)
  process.exit(1)
}
