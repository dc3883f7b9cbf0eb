import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePort } from '../../free-port.ts'

/** An installation whose releases are programs of a few lines: what is tried with it is what runs them. */
export async function makeSmallInstallation() {
  const root = mkdtempSync(path.join(tmpdir(), 'tradebot-run-'))
  const port = await freePort()
  mkdirSync(path.join(root, 'releases'))
  mkdirSync(path.join(root, 'data'))
  chmodSync(path.join(root, 'data'), 0o700)
  writeFileSync(
    path.join(root, 'installation.json'),
    JSON.stringify({ product: 'tradebot', format: 1, installedAt: new Date().toISOString(), previous: null }),
  )
  writeFileSync(path.join(root, '.env'), `PORT=${port}\n`)
  return {
    root,
    dataDir: path.join(root, 'data'),
    file: (...parts: string[]) => path.join(root, ...parts),
    addRelease(version: string, program: string) {
      const tree = path.join(root, 'releases', version)
      mkdirSync(path.join(tree, 'scripts'), { recursive: true })
      mkdirSync(path.join(tree, 'node_modules', '.bin'), { recursive: true })
      symlinkSync(process.execPath, path.join(tree, 'node_modules', '.bin', 'node'))
      writeFileSync(
        path.join(tree, 'package.json'),
        JSON.stringify({ name: 'tradebot', version, type: 'module' }),
      )
      writeFileSync(path.join(tree, 'scripts', 'start.ts'), program)
    },
    lead(version: string) {
      rmSync(path.join(root, 'current'), { force: true })
      symlinkSync(path.join('releases', version), path.join(root, 'current'))
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}

export type SmallInstallation = Awaited<ReturnType<typeof makeSmallInstallation>>

const clone = path.join(import.meta.dirname, '..', '..', '..')

/** Notes itself in run.json as the supervisor does, answers /healthz with this version, and ends at SIGTERM. */
export const wellProgram = (version: string) => `
import { createServer } from 'node:http'
import { rmSync } from 'node:fs'
import { writeRunFile } from ${JSON.stringify(path.join(clone, 'trading', 'config', 'run-file.ts'))}
import { identify } from ${JSON.stringify(path.join(clone, 'scripts', 'process-identity.ts'))}
const { TRADEBOT_DATA_DIR: dataDir, PORT: port } = process.env
const server = createServer((_, response) => response.end(JSON.stringify({ status: 'ok', instance: 'i', version: '${version}' })))
server.listen(Number(port), '127.0.0.1', () => {
  writeRunFile(dataDir, { instanceId: 'i', url: 'http://example.invalid', state: 'ready', databaseUrl: '', supervisor: identify(process.pid), children: {} })
  console.log('well ${version}')
})
process.on('SIGTERM', () => {
  rmSync(dataDir + '/run.json', { force: true })
  console.log('stopping ${version}')
  process.exit(0)
})
`

/** Says why in the supervisor's log, and ends at once. */
export const brokenProgram = `
import { appendFileSync, mkdirSync } from 'node:fs'
const logs = process.env.TRADEBOT_DATA_DIR + '/logs'
mkdirSync(logs, { recursive: true })
appendFileSync(logs + '/supervisor.log', JSON.stringify({ time: new Date().toISOString(), msg: 'The server does not start: no luck today' }) + '\\n')
process.exit(1)
`
