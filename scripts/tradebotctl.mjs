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
  const child = spawn(node24, [main, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { NODE_COMPILE_CACHE, ...process.env },
  })
  // The child hears the terminal's Ctrl-C itself, and ends in its own time.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(name, () => name !== 'SIGINT' && child.kill(name))
  child.once('error', (error) => fail(error.message))
  child.once('close', (code, signal) => process.exit(signal ? 3 : (code ?? 3)))
} else if (existsSync(bundle)) {
  await import(bundle)
} else {
  fail('TradeBot is not set up here yet: run npm start, or npm ci, once.')
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(3)
}
