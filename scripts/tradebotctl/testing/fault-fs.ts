import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import path from 'node:path'

/**
 * Preloaded into a process (`node --import …/fault-fs.ts`), makes its n-th operation that changes the file system go wrong. What it does is in
 * TRADEBOT_FAULT: `count`, or `<mode>:<n>`:
 * - `kill`: SIGKILL instead of the operation; a write is half done.
 * - `EIO`: this operation fails, once; a write is half done. So does `EPERM`.
 * - `ENOSPC`: this one and all later ones that need space fail; removing and renaming still work.
 * - `EACCES`: this one and all later ones fail, as on a file system that has become read-only.
 * At the end the number of operations is written to the file that TRADEBOT_FAULT_COUNT names.
 *
 * Operations of Node that are many of the system's are counted one by one: removing a folder is removing each thing in it.
 */
const [mode = 'count', at = '0'] = (process.env['TRADEBOT_FAULT'] ?? 'count').split(':')
const target = Number(at)
let count = 0
let broken = false

type Operation = (...args: unknown[]) => unknown
type Holder = Record<string, unknown>

/** Operations that need space. */
const growing = [
  'open',
  'write',
  'writev',
  'writeFile',
  'appendFile',
  'mkdir',
  'mkdtemp',
  'symlink',
  'link',
  'copyFile',
  'cp',
]
const others = [
  ...[
    'rename',
    'rm',
    'rmdir',
    'unlink',
    'chmod',
    'fchmod',
    'lchmod',
    'chown',
    'fchown',
    'lchown',
    'fsync',
    'fdatasync',
  ],
  ...['sync', 'datasync', 'truncate', 'ftruncate', 'utimes', 'futimes', 'lutimes'],
]

/** Counts an operation; ends the process or answers an error when it is its turn. `half` does a part of it first. */
function strike(name: string, half: () => void): Error | undefined {
  count++
  const isTurn = mode !== 'count' && count === target
  const applies = isTurn || (broken && (mode === 'EACCES' || (mode === 'ENOSPC' && growing.includes(name))))
  if (!applies) return undefined
  // A disk that is full lets a rename pass, so the turn comes with the next operation that needs space.
  if (mode === 'ENOSPC' || mode === 'EACCES') broken = true
  if (mode === 'ENOSPC' && !growing.includes(name)) return undefined
  half()
  if (mode === 'kill') {
    process.kill(process.pid, 'SIGKILL')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  }
  return Object.assign(new Error(`${mode}: injected, ${name}`), { code: mode, syscall: name })
}

const real = new Map<string, Operation>()
function original(holder: Holder, name: string): Operation {
  const found = holder[name]
  if (typeof found !== 'function') throw new TypeError(`node:fs has no ${name}`)
  return (...args) => Reflect.apply(found, holder, args)
}
for (const name of [
  'writeSync',
  'openSync',
  'closeSync',
  'readdirSync',
  'lstatSync',
  'unlinkSync',
  'rmdirSync',
  'writeFileSync',
])
  real.set(name, original(holderOf(fs), name))

function writes(args: readonly unknown[]): boolean {
  const flags = args[1] ?? 'r'
  if (typeof flags === 'number')
    return (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR | fs.constants.O_CREAT)) !== 0
  return typeof flags === 'string' && !/^rs?$/.test(flags)
}

function halfOf(name: string, descriptor: unknown, data: unknown, rest: readonly unknown[]): () => void {
  return () => {
    if (name !== 'write' || !(data instanceof Uint8Array) || typeof descriptor !== 'number') return
    const offset = typeof rest[0] === 'number' ? rest[0] : 0
    const length = typeof rest[1] === 'number' ? rest[1] : data.length - offset
    if (length > 1) fs.writevSync(descriptor, [data.subarray(offset, offset + (length >> 1))])
  }
}

for (const name of [...growing, ...others]) {
  patchSync(name)
  patchCallback(name)
  patchPromise(holderOf(fs.promises), name)
}
const handle = await fs.promises.open(new URL(import.meta.url), 'r')
const prototype = holderOf(Object.getPrototypeOf(handle))
await handle.close()
for (const name of [
  'write',
  'writev',
  'writeFile',
  'appendFile',
  'sync',
  'datasync',
  'truncate',
  'chmod',
  'chown',
  'utimes',
])
  patchPromise(prototype, name)
syncBuiltinESMExports()
process.on('exit', () => {
  const file = process.env['TRADEBOT_FAULT_COUNT']
  if (file !== undefined) real.get('writeFileSync')?.(file, String(count))
})

function patchSync(name: string): void {
  const holder = holderOf(fs)
  const key = `${name}Sync`
  if (typeof holder[key] !== 'function') return
  const plain = original(holder, key)
  holder[key] = (...args: unknown[]) => {
    if (name === 'rm') return removeOneByOne(args, plain)
    if (name === 'writeFile' && typeof args[0] === 'string') return writeInSteps(args)
    if (name === 'open' && !writes(args)) return plain(...args)
    const error = strike(name, halfOf(name, args[0], args[1], args.slice(2)))
    if (error) throw error
    return plain(...args)
  }
}

function patchCallback(name: string): void {
  const holder = holderOf(fs)
  if (typeof holder[name] !== 'function') return
  const plain = original(holder, name)
  holder[name] = (...args: unknown[]) => {
    const done = args.at(-1)
    const error =
      name === 'open' && !writes(args)
        ? undefined
        : strike(name, halfOf(name, args[0], args[1], args.slice(2)))
    if (error && typeof done === 'function')
      return void setImmediate(() => void Reflect.apply(done, undefined, [error]))
    return plain(...args)
  }
}

function patchPromise(holder: Holder, name: string): void {
  const plain = holder[name]
  if (typeof plain !== 'function') return
  holder[name] = async function (this: unknown, ...args: unknown[]) {
    const descriptor = typeof this === 'object' && this !== null && 'fd' in this ? this.fd : undefined
    const error =
      name === 'open' && !writes(args)
        ? undefined
        : strike(name === 'sync' ? 'fsync' : name, halfOf(name, descriptor, args[0], args.slice(1)))
    if (error) throw error
    return Reflect.apply(plain, this, args)
  }
}

function removeOneByOne(args: unknown[], plain: Operation): unknown {
  const [file, options] = args
  const recursive =
    typeof options === 'object' && options !== null && 'recursive' in options && options.recursive === true
  if (recursive && typeof file === 'string' && fs.lstatSync(file, { throwIfNoEntry: false })?.isDirectory()) {
    for (const entry of fs.readdirSync(file)) removeOneByOne([path.join(file, entry), options], plain)
    return fs.rmdirSync(file)
  }
  const error = strike('rm', () => undefined)
  if (error) throw error
  return plain(...args)
}

/** As writeFileSync does it, so that a kill between opening and writing leaves an empty file. */
function writeInSteps([file, data, options]: unknown[]): void {
  const given = typeof options === 'object' && options !== null ? options : {}
  const flag = 'flag' in given && typeof given.flag === 'string' ? given.flag : 'w'
  const mode = 'mode' in given && typeof given.mode === 'number' ? given.mode : 0o666
  const bytes = typeof data === 'string' ? Buffer.from(data) : data
  if (typeof file !== 'string' || !(bytes instanceof Uint8Array)) throw new TypeError('not foreseen here')
  const descriptor = fs.openSync(file, flag, mode)
  try {
    for (let done = 0; done < bytes.length;) done += fs.writeSync(descriptor, bytes, done)
    if ('flush' in given && given.flush === true) fs.fsyncSync(descriptor)
  } finally {
    fs.closeSync(descriptor)
  }
}

function holderOf(object: object): Holder {
  const holder: unknown = object
  if (!isHolder(holder)) throw new TypeError('an object is needed')
  return holder
}

function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null
}
