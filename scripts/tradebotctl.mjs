#!/usr/bin/env node
// `npx tradebotctl` in a clone, on the Node (≥ 20) of the machine: the sources where the packages are installed, the bundled program where
// they are not.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const scripts = path.dirname(fileURLToPath(import.meta.url))
const node24 = path.join(scripts, '..', 'node_modules', '.bin', 'node')
const bundle = path.join(scripts, 'dist', 'tradebotctl.mjs')
const main = path.join(scripts, 'tradebotctl', 'main.ts')

if (existsSync(node24)) {
  // Halves what a start costs; Node checks what it finds there.
  const NODE_COMPILE_CACHE = path.join(scripts, '..', 'node_modules', '.cache', 'node')
  let child
  // It ends in its own time. The terminal's Ctrl-C comes to it by itself as well: two within a second are one.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => child?.kill(name))
  child = spawn(node24, [main, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { NODE_COMPILE_CACHE, ...process.env },
  })
  child.once('error', (error) => fail(3, 'COULD_NOT_START', error.message))
  child.once('close', (code, signal) => {
    if (signal === null) process.exit(code ?? 3)
    // Before it could hear signals it had not begun with anything.
    if (['SIGINT', 'SIGTERM', 'SIGHUP'].includes(signal))
      fail(130, 'INTERRUPTED', 'Interrupted; nothing is left half done.')
    fail(3, 'KILLED', `tradebotctl was ended by ${signal}.`)
  })
} else if (existsSync(bundle)) {
  await import(bundle)
} else {
  fail(3, 'NOT_SET_UP', 'TradeBot is not set up here yet: run npm start, or npm ci, once.')
}

/** As the program itself would say it; docs/tradebotctl.md. */
function fail(exitCode, code, message) {
  const error = { code, message, hint: null }
  if (process.argv.includes('--json'))
    process.stdout.write(
      `${JSON.stringify({ tradebotctl: 1, command: '', exitCode, result: null, error }, null, 2)}\n`,
    )
  else process.stderr.write(`${message}\n`)
  process.exit(exitCode)
}
