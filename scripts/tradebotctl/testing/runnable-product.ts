import { createHash } from 'node:crypto'
import { END, rawEntry, rawGzip } from '../archive/testing/raw-tar.ts'
import type { Files } from '../archive/testing/packages.ts'

/**
 * A release that runs: its only package is a program `node` that runs the tests' own, and its scripts/start.ts answers what a supervisor of
 * TradeBot answers (run.json, /healthz), nothing more.
 */
export function runnableRelease(version: string, start: 'healthy' | 'fails' = 'healthy'): Files {
  const archive = rawGzip(
    Buffer.concat([
      rawEntry({ name: 'package/package.json', content: JSON.stringify(ITS_PACKAGE) }),
      rawEntry({
        name: 'package/node.sh',
        content: `#!/bin/sh\nexec "${process.execPath}" "$@"\n`,
        mode: 0o755,
      }),
      END,
    ]),
  )
  const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`
  const dependencies = { 'node-here': 'file:vendor/node-here.tgz' }
  return {
    'package.json': JSON.stringify({ name: 'tradebot', version, type: 'module', dependencies }),
    'package-lock.json': JSON.stringify({
      ...{ name: 'tradebot', version, lockfileVersion: 3, requires: true },
      packages: {
        '': { name: 'tradebot', version, dependencies },
        'node_modules/node-here': {
          ...{ version: '1.0.0', resolved: 'file:vendor/node-here.tgz', integrity },
          bin: { node: 'node.sh' },
        },
      },
    }),
    'scripts/dist/tradebotctl.mjs': `// ${version}\n`,
    'scripts/start.ts': START[start].replace('VERSION', version),
    'vendor/node-here.tgz': archive,
  }
}

const ITS_PACKAGE = { name: 'node-here', version: '1.0.0', bin: { node: 'node.sh' } }

const SUPERVISOR = `import { mkdirSync, readFileSync, rmSync, writeFileSync, renameSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

const dataDir = process.env.TRADEBOT_DATA_DIR
const url = 'http://127.0.0.1:' + process.env.PORT
const stat = readFileSync('/proc/self/stat', 'utf8')
const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
const startTime = boot + ':' + stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
const instanceId = String(process.pid)
const server = createServer((_, answer) => answer.end(JSON.stringify({ status: 'ok', instance: instanceId, version: 'VERSION' })))
server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  mkdirSync(dataDir, { recursive: true })
  const run = { instanceId, url, state: 'ready', databaseUrl: '', supervisor: { pid: process.pid, startTime }, children: {} }
  writeFileSync(join(dataDir, 'run.json.next'), JSON.stringify(run))
  renameSync(join(dataDir, 'run.json.next'), join(dataDir, 'run.json'))
})
process.on('SIGTERM', () => {
  rmSync(join(dataDir, 'run.json'), { force: true })
  process.exit(0)
})
`

const START = {
  healthy: SUPERVISOR,
  fails: `process.stderr.write('VERSION does not start\\n')\nprocess.exit(1)\n`,
}
