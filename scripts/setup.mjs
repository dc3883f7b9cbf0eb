// Makes a fresh clone runnable: packages, generated code and, with the argument `build`, the web app and the bundled tradebotctl; each only
// when it is missing or its sources changed. Plain JavaScript without dependencies, for it runs before anything is installed, on the Node (≥ 20) of the machine.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..')
const modules = path.join(root, 'node_modules')
const node24 = path.join(modules, '.bin', 'node')

// Packages differ by platform; what is generated and built does not, and goes into packages of TradeBot with its stamps.
const lock = `${hashOf(['package-lock.json', '.npmrc'])}-${process.platform}-${process.arch}`
const installed = path.join(modules, '.tradebot-installed')
if (readStamp(installed) !== lock || !existsSync(node24)) {
  refuseUnderRunningTradeBot()
  await step(
    'Installing the packages',
    ...npm('ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'),
  )
  if (!existsSync(node24))
    fail(`There is no Node for ${process.platform}-${process.arch} among the packages.`)
  writeFileSync(installed, lock)
}

const generated = path.join(root, 'prisma', 'generated', '.stamp')
const schema = hashOf(['prisma/schema.prisma', 'package-lock.json', 'scripts/generate.ts'])
if (readStamp(generated) !== schema) {
  await step('Generating the database client', node24, ['scripts/generate.ts'])
  writeFileSync(generated, schema)
}

if (process.argv.includes('build')) {
  const built = path.join(root, 'app', 'dist', '.stamp')
  const sources = hashOf(['app', 'schema.graphql', 'package-lock.json', 'tsconfig.json'])
  if (readStamp(built) !== sources) {
    await step('Building the web app', node24, [
      path.join(modules, 'vite', 'bin', 'vite.js'),
      'build',
      'app',
      '--logLevel',
      'warn',
    ])
    mkdirSync(path.dirname(built), { recursive: true })
    writeFileSync(built, sources)
  }

  const bundled = path.join(root, 'scripts', 'dist', '.stamp')
  const program = hashOf(['scripts/tradebotctl', 'package.json', 'package-lock.json'])
  if (readStamp(bundled) !== program) {
    await step('Building tradebotctl', node24, ['scripts/tradebotctl/build.ts'])
    writeFileSync(bundled, program)
  }
}

/** Runs a command with signs of life; ends this process when it fails. */
async function step(title, command, args) {
  const started = Date.now()
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`
  console.error(`${title} …`)
  const beat = setInterval(() => console.error(`${title} … ${seconds()}`), 5_000)
  const child = spawn(command, args, {
    cwd: root,
    // Nothing of it belongs on stdout, where `npm start` says one line.
    stdio: ['ignore', 2, 2],
    env: { ...process.env, PATH: `${path.dirname(node24)}${path.delimiter}${process.env.PATH}` },
  })
  // The shell that npm started us from does not pass signals on: when it is gone, so is the reason for this work.
  const parent = process.ppid
  const watch = setInterval(() => process.ppid !== parent && stop(), 300)
  const stop = () => {
    // npm ci goes on for a while after SIGTERM. What it leaves has no stamp, so the next start installs anew.
    child.kill('SIGKILL')
    process.exit(143)
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(name, stop)
  const code = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', resolve)
  })
  clearInterval(beat)
  clearInterval(watch)
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeListener(name, stop)
  if (code !== 0) fail(`${title} failed (${code}): see above.`)
  console.error(`${title}: done in ${seconds()}.`)
}

/** npm on the machine's own Node: the one in node_modules is about to be replaced. */
function npm(...args) {
  const cli = process.env.npm_execpath
  if (!cli || !/\.[cm]?js$/.test(cli)) return ['npm', args]
  const folders = (process.env.PATH ?? '')
    .split(path.delimiter)
    .filter((folder) => !folder.includes('node_modules'))
  const host = folders.map((folder) => path.join(folder, 'node')).find((file) => existsSync(file))
  return [host ?? process.execPath, [cli, ...args]]
}

/** Installing replaces node_modules under whatever runs from it. */
function refuseUnderRunningTradeBot() {
  const file = path.join(process.env.TRADEBOT_DATA_DIR || path.join(root, '.tradebot'), 'run.json')
  try {
    const { supervisor } = JSON.parse(readFileSync(file, 'utf8'))
    process.kill(supervisor.pid, 0)
    const command = readFileSync(`/proc/${supervisor.pid}/cmdline`, 'utf8')
    if (command.includes('scripts/start.ts'))
      fail('The packages changed while TradeBot runs here: stop it first.')
  } catch {
    // No run.json, no such process, or no /proc to tell: nothing known to be in the way.
  }
}

/** A hash of the names and contents of files, and of folders with all that is in them, but for what is built. */
function hashOf(names) {
  const hash = createHash('sha256')
  const add = (name) => {
    const file = path.join(root, name)
    if (!existsSync(file)) return hash.update(`${name}\0absent\0`)
    if (!/\.\w+$/.test(name) && isFolder(file)) {
      for (const entry of readdirSync(file).sort())
        if (!['dist', 'node_modules', 'e2e'].includes(entry)) add(`${name}/${entry}`)
      return hash
    }
    return hash.update(`${name}\0`).update(readFileSync(file)).update('\0')
  }
  names.forEach(add)
  return hash.digest('hex')
}

function isFolder(file) {
  try {
    readdirSync(file)
    return true
  } catch {
    return false
  }
}

function readStamp(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
