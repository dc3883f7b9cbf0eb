import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { BUNDLED, MAIN, tradebotctl, type Ran, type RunOptions } from '../testing/run.ts'
import { manifest as manifestCommand } from '../commands/manifest.ts'
import { verify as verifyCommand } from '../commands/verify.ts'
import { parseManifest } from './manifest.ts'
import { makePipe, makeSampleTree } from './testing/sample-tree.ts'

// Each starts several processes, beside other tests that do.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let tree: ReturnType<typeof makeSampleTree>
beforeEach(() => {
  tree = makeSampleTree({ 'a.txt': 'a', 'b/c.ts': 'c', 'b/d.ts': 'd' })
})
afterEach(() => tree.remove())

const at = (file: string) => path.join(tree.root, file)
const run = (words: string, options: RunOptions = {}): Promise<Ran> =>
  tradebotctl([...words.split(' '), '--root', tree.root], options)
/** The machine's own Node, which the bundled program must do with. */
const hostNode = (process.env['PATH'] ?? '')
  .split(path.delimiter)
  .filter((folder) => !folder.includes('node_modules'))
  .map((folder) => path.join(folder, 'node'))
  .find((file) => fs.existsSync(file))

describe('manifest', () => {
  test('writes the same bytes again and says what it wrote', async () => {
    const first = await run('manifest')
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(first.stdout).toBe(`${at('manifest.json')}: release 1.2.3, 4 files, 40 bytes.\n`)
    const bytes = fs.readFileSync(at('manifest.json'))
    expect(parseManifest(bytes).files.map((file) => file.path)).toEqual([
      'a.txt',
      'b/c.ts',
      'b/d.ts',
      'package.json',
    ])
    const env = { LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8', TZ: 'Asia/Kolkata' }
    const second = await run('manifest --json', { env })
    expect(manifestCommand.result.parse(second.json().result)).toEqual({
      path: at('manifest.json'),
      release: '1.2.3',
      files: 4,
      bytes: 40,
    })
    expect(fs.readFileSync(at('manifest.json'))).toEqual(bytes)
    expect((await run('manifest --out -')).stdout).toBe(bytes.toString())
    expect(await run(`manifest --out ${at('data')}/x`)).toMatchObject({ code: 3 })
  })

  test('ends with a code and a sentence, and leaves no file', async () => {
    expect(await run('manifest --out - --json')).toMatchObject({ code: 2 })
    expect(await run('manifest --nonsense')).toMatchObject({ code: 2 })
    fs.symlinkSync('/etc', at('b/link'))
    const human = await run('manifest')
    expect(human).toMatchObject({ code: 3, stdout: '' })
    expect(human.stderr).toContain('"b/link" is a symbolic link')
    expect(human.stderr).toContain('.tradebotignore')
    const { error } = (await run('manifest --json')).json()
    expect(error?.code).toBe('TREE_SPECIAL_FILE')
    expect(fs.readdirSync(tree.root).toSorted()).toEqual(['a.txt', 'b', 'package.json'])
  })

  test('a place that cannot be written is told with its path', async () => {
    fs.mkdirSync(at('data/folder'), { recursive: true })
    const ran = await run(`manifest --out ${at('data/folder')}`)
    expect(ran.code).toBe(3)
    expect(ran.stderr).not.toContain('    at ')
    expect(fs.readdirSync(at('data'))).toEqual(['folder'])
  })

  test('Ctrl-C ends it with 130, nothing written', async () => {
    // Sparse: they cost no disk, and some seconds of hashing.
    for (const name of ['big1', 'big2', 'big3', 'big4', 'big5', 'big6']) {
      fs.writeFileSync(at(name), '')
      fs.truncateSync(at(name), 512 * 1024 * 1024)
    }
    const child = spawn(process.execPath, [MAIN, 'manifest', '--root', tree.root, '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: undefined },
    })
    let said = ''
    child.stdout.on('data', (piece) => (said += piece))
    const ended = new Promise((resolve) => child.once('close', (...how) => resolve(how)))
    await untilOpen(child.pid ?? 0, at('big'))
    child.kill('SIGINT')
    expect(await ended).toEqual([130, null])
    expect(JSON.parse(said).error.code).toBe('INTERRUPTED')
    expect(fs.readdirSync(tree.root).filter((name) => name.startsWith('manifest'))).toEqual([])
  })
})

describe('verify', () => {
  test('is 0 where nothing differs, in words and as a document', async () => {
    await run('manifest')
    const human = await run('verify')
    expect(human).toMatchObject({ code: 0, stderr: '' })
    expect(human.stdout).toContain('is as it should be')
    const document = (await run('verify --json')).json()
    expect(document).toMatchObject({ command: 'verify', exitCode: 0, error: null })
    expect(verifyCommand.result.parse(document.result)).toMatchObject({
      release: '1.2.3',
      files: 4,
      differences: [],
      signature: { state: 'none' },
      dependencies: null,
    })
  })

  test('is 1 with each difference, by kind, and what to do', async () => {
    await run('manifest')
    fs.rmSync(at('a.txt'))
    fs.cpSync(at('b/c.ts'), at('data/c.ts'))
    fs.rmSync(at('b/c.ts'))
    fs.symlinkSync('../data/c.ts', at('b/c.ts'))
    fs.chmodSync(at('b/d.ts'), 0o755)
    tree.put('b/\u001b[2Jnew', 'x')
    makePipe(at('pipe'))
    const human = await run('verify')
    expect(human.code).toBe(1)
    expect(human.stdout).toContain('Files missing (1)\n  a.txt\n')
    expect(human.stdout).toContain(
      'Files changed (1)\n  b/c.ts  a symbolic link in its place or on the way to it\n',
    )
    expect(human.stdout).toContain('  "b/\\u001b[2Jnew"\n  pipe  a pipe, socket or device\n')
    expect(human.stdout).toContain('Files of another mode (1)\n  b/d.ts  0755 instead of 0644\n')
    expect(human.stdout).toContain('5 differences.')
    expect(human.stdout).toContain('tradebotctl repair PACKAGE')
    const document = (await run('verify --json')).json()
    expect(document.exitCode).toBe(1)
    expect(verifyCommand.result.parse(document.result)).toMatchObject({
      differences: ['MISSING', 'EXTRA', 'CHANGED', 'MODE', 'EXTRA'].map((kind) => ({ kind })),
    })
  })

  test('shows 20 of a kind, and all with --all', async () => {
    await run('manifest')
    for (let index = 10; index < 35; index++) tree.put(`new/${index}`, '')
    expect((await run('verify')).stdout).toContain('  … and 5 more; --all shows them.\n')
    expect((await run('verify --all')).stdout).toContain('  new/34\n')
  })

  test('without a manifest it says how to get one; a hostile one is refused; another one can be named', async () => {
    const missing = await run('verify')
    expect(missing).toMatchObject({ code: 3, stdout: '' })
    expect(missing.stderr).toContain('tradebotctl manifest makes one')
    await run('manifest')
    fs.renameSync(at('manifest.json'), at('data.json'))
    expect(await run(`verify --manifest ${at('data.json')} --json`)).toMatchObject({ code: 1 })
    tree.put('manifest.json', fs.readFileSync(at('data.json'), 'utf8').replace('"a.txt"', '"../a.txt"'))
    const refused = await run('verify --json')
    expect(refused.code).toBe(4)
    expect(refused.json().error?.code).toBe('PATH_CLIMBS')
    fs.rmSync(at('manifest.json'))
    makePipe(at('manifest.json'))
    expect((await run('verify --json')).json().error?.code).toBe('MANIFEST_NOT_A_FILE')
  })

  test('the bundled program runs on the Node of the machine, where there are no packages', async () => {
    if (hostNode === undefined) throw new Error('there is no Node on the PATH but the one in node_modules')
    const lock = fs.readFileSync(path.join(path.dirname(BUNDLED), '..', '..', 'package-lock.json'), 'utf8')
    tree.put('package-lock.json', lock)
    tree.put('scripts/dist/tradebotctl.mjs', fs.readFileSync(BUNDLED, 'utf8'), 0o755)
    const bundled = { program: at('scripts/dist/tradebotctl.mjs'), node: hostNode, cwd: tree.root }
    expect(await tradebotctl(['manifest'], bundled)).toMatchObject({ code: 0, stderr: '' })
    const files = await tradebotctl(['verify', '--no-dependencies'], bundled)
    expect(files).toMatchObject({ code: 0, stderr: '' })
    const ran = await tradebotctl(['verify'], bundled)
    expect(ran.code).toBe(1)
    expect(ran.stdout).toMatch(/Packages, files missing \(1\)\n {2}node_modules {2}\(\d+ packages\)\n/)
    fs.appendFileSync(at('a.txt'), '!')
    const document = (await tradebotctl(['verify', '--json'], bundled)).json()
    expect(verifyCommand.result.parse(document.result)).toMatchObject({
      differences: [{ kind: 'CHANGED', path: 'a.txt' }],
      dependencies: { differences: [{ kind: 'MISSING', path: 'node_modules' }] },
    })
  })
})

/** Resolves when the process has a file open whose path begins so: it is in the middle of its work. */
async function untilOpen(pid: number, start: string): Promise<void> {
  const descriptors = `/proc/${pid}/fd`
  for (let tries = 0; tries < 1000; tries++) {
    const open = fs.existsSync(descriptors) ? fs.readdirSync(descriptors) : []
    if (open.some((each) => targetOf(`${descriptors}/${each}`).startsWith(start))) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`process ${pid} has not opened ${start}`)
}

function targetOf(link: string): string {
  try {
    return fs.readlinkSync(link)
  } catch {
    return '' // It was closed meanwhile.
  }
}
