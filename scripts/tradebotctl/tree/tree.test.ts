import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { CouldNotError, InterruptedError } from '../frame/errors.ts'
import { compareTree, type CompareOptions } from './compare-tree.ts'
import { makeManifest } from './make-manifest.ts'
import { encodeManifest, parseManifest } from './manifest.ts'
import { makePipe, makeSampleTree } from './testing/sample-tree.ts'

// They wait for the disk, beside other tests that do.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let tree: ReturnType<typeof makeSampleTree>
beforeEach(() => {
  tree = makeSampleTree({ 'a.txt': 'a', 'b/empty': '', 'b/c/deep.ts': 'deep', 'ünï 字.md': 'ü' })
  tree.put('bin/run', '#!/bin/sh\n', 0o755)
})
afterEach(() => tree.remove())

const at = (file: string) => path.join(tree.root, file)

async function told(options: CompareOptions = {}, change: () => void = () => undefined): Promise<string[]> {
  const manifest = await makeManifest(tree.root)
  change()
  const differences = await compareTree(tree.root, manifest, options)
  return differences.map(({ kind, path: file, found }) => `${kind} ${file} ${found?.type ?? 'nothing'}`)
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    if (error instanceof CouldNotError) return error.code
    throw error
  }
  return 'done'
}

describe('a manifest of a tree', () => {
  test('names every file with size, hash and the mode of its owner, sorted, and can be parsed', async () => {
    fs.chmodSync(at('a.txt'), 0o600)
    fs.chmodSync(at('bin/run'), 0o700)
    const manifest = await makeManifest(tree.root)
    expect(manifest.release).toBe('1.2.3')
    expect(manifest.files.map((file) => `${file.mode} ${file.path}`)).toEqual([
      '0644 a.txt',
      '0644 b/c/deep.ts',
      '0644 b/empty',
      '0755 bin/run',
      '0644 package.json',
      '0644 ünï 字.md',
    ])
    for (const file of manifest.files) {
      const content = fs.readFileSync(at(file.path))
      expect(file.size).toBe(content.length)
      expect(file.sha256).toBe(createHash('sha256').update(content).digest('hex'))
    }
    expect(parseManifest(encodeManifest(manifest))).toEqual(manifest)
  })

  test('leaves out what no release carries and what .tradebotignore names', async () => {
    const before = await makeManifest(tree.root)
    const left = [
      'node_modules/x.js',
      'b/node_modules/y.js',
      '.git/config',
      'data/keys',
      '.env',
      'b/.env.local',
    ]
    left.push(
      '.tradebot/log',
      '.tradebot-other/x',
      'manifest.json',
      'manifest.sig',
      'x.log',
      'b/y.log',
      'tmp/z',
    )
    for (const each of left) tree.put(each, 'x')
    tree.put('.tradebotignore', '*.log\ntmp/\n*ignore\n')
    const after = await makeManifest(tree.root)
    const names = after.files.map((file) => file.path).filter((each) => each !== '.tradebotignore')
    expect(names).toEqual(before.files.map((file) => file.path))
    expect(after.files[0]?.path).toBe('.tradebotignore')
    expect(await compareTree(tree.root, after)).toEqual([])
  })

  test('has no symbolic links, pipes and sockets, unless they are ignored', async () => {
    fs.symlinkSync('a.txt', at('link'))
    expect(await codeOf(makeManifest(tree.root))).toBe('TREE_SPECIAL_FILE')
    tree.put('.tradebotignore', 'link\npipe\n')
    makePipe(at('pipe'))
    expect(await codeOf(makeManifest(tree.root))).toBe('done')
    tree.put('.tradebotignore', 'link\n')
    expect(await codeOf(makeManifest(tree.root))).toBe('TREE_SPECIAL_FILE')
    fs.rmSync(at('.tradebotignore'))
    fs.symlinkSync('/dev/zero', at('.tradebotignore'))
    expect(await codeOf(makeManifest(tree.root))).toBe('FILE_CHANGED')
  })

  test.each(['line\nbreak', 'e\u0301', 'back\\slash', 'nul', Buffer.from([0x61, 0xff])])(
    'has no path that is not the same everywhere: %j',
    async (name) => {
      fs.writeFileSync(Buffer.concat([Buffer.from(`${tree.root}/`), Buffer.from(name)]), 'x')
      expect(await codeOf(makeManifest(tree.root))).toBe('TREE_PATH_UNFIT')
    },
  )

  test('has no two paths that are one on other systems', async () => {
    tree.put('A.TXT', 'x')
    expect(await codeOf(makeManifest(tree.root))).toBe('TREE_PATH_UNFIT')
  })

  test('needs a version', async () => {
    tree.put('package.json', '{"name":"tradebot","version":"next"}')
    expect(await codeOf(makeManifest(tree.root))).toBe('TREE_NO_RELEASE')
    tree.put('package.json', '{')
    expect(await codeOf(makeManifest(tree.root))).toBe('TREE_NO_RELEASE')
  })

  test('is not made of a file that is written meanwhile', async () => {
    fs.truncateSync(at('a.txt'), 200 * 1024 * 1024)
    const writer = setInterval(() => fs.appendFileSync(at('a.txt'), 'more'), 5)
    try {
      expect(await codeOf(makeManifest(tree.root))).toBe('FILE_CHANGED')
    } finally {
      clearInterval(writer)
    }
  })

  test('can be given up', async () => {
    fs.truncateSync(at('a.txt'), 500 * 1024 * 1024)
    const stop = new AbortController()
    setTimeout(() => stop.abort(new InterruptedError()), 20)
    await expect(makeManifest(tree.root, { signal: stop.signal })).rejects.toThrow(InterruptedError)
  })
})

describe('a tree against its manifest', () => {
  test('tells what is missing, changed, extra and of another mode', async () => {
    const differences = await told({}, () => {
      fs.rmSync(at('a.txt'))
      fs.writeFileSync(at('b/c/deep.ts'), 'DEEP')
      fs.writeFileSync(at('b/empty'), 'longer')
      fs.chmodSync(at('bin/run'), 0o644)
      tree.put('b/new', 'x')
      fs.mkdirSync(at('empty folder'))
    })
    expect(differences).toEqual([
      'MISSING a.txt nothing',
      'CHANGED b/c/deep.ts file',
      'CHANGED b/empty file',
      'EXTRA b/new file',
      'MODE bin/run file',
    ])
  })

  test('follows no symbolic link, though it leads to the same bytes', async () => {
    fs.mkdirSync(at('data/copy'), { recursive: true })
    fs.cpSync(at('b'), at('data/copy/b'), { recursive: true })
    fs.cpSync(at('a.txt'), at('data/copy/a.txt'))
    const differences = await told({}, () => {
      fs.rmSync(at('b'), { recursive: true })
      fs.symlinkSync('data/copy/b', at('b'))
      fs.rmSync(at('a.txt'))
      fs.symlinkSync('data/copy/a.txt', at('a.txt'))
    })
    expect(differences).toEqual([
      'CHANGED a.txt link',
      'EXTRA b link',
      'CHANGED b/c/deep.ts link',
      'CHANGED b/empty link',
    ])
  })

  test('tells folders and pipes in place of files', async () => {
    const differences = await told({}, () => {
      fs.rmSync(at('a.txt'))
      fs.mkdirSync(at('a.txt'))
      fs.rmSync(at('b/empty'))
      makePipe(at('b/empty'))
      makePipe(at('b/new'))
      fs.writeFileSync(at('b/li\nne'), '')
    })
    expect(differences).toEqual([
      'CHANGED a.txt folder',
      'CHANGED b/empty other',
      'EXTRA b/li\nne file',
      'EXTRA b/new other',
    ])
  })

  test('tells set-id bits and files that everybody may write; other modes are the umask’s in a clone', async () => {
    const change = () => {
      fs.chmodSync(at('a.txt'), 0o664)
      fs.chmodSync(at('b/empty'), 0o666)
      fs.chmodSync(at('bin/run'), 0o4755)
    }
    expect(await told({}, change)).toEqual(['MODE b/empty file', 'MODE bin/run file'])
    fs.chmodSync(at('b/empty'), 0o644)
    fs.chmodSync(at('bin/run'), 0o755)
    expect(await told({ installed: true })).toEqual(['MODE a.txt file'])
  })

  test('in an installation nothing is excused but node_modules', async () => {
    const files = ['.env', 'b/node_modules/pg/index.js', 'data/x', 'x.log', 'node_modules/pg/index.js']
    const change = () => files.forEach((each) => tree.put(each, 'x'))
    tree.put('.tradebotignore', '*.log')
    expect(await told({}, change)).toEqual([])
    expect(await told({ installed: true })).toEqual([
      'EXTRA .env file',
      'EXTRA b/node_modules folder',
      'EXTRA data folder',
      'EXTRA x.log file',
    ])
  })

  test('.tradebotignore hides neither a listed file nor itself', async () => {
    const differences = await told({}, () => {
      tree.put('.tradebotignore', '*')
      fs.writeFileSync(at('b/c/deep.ts'), 'evil')
      tree.put('b/other', 'ignored')
    })
    expect(differences).toEqual(['EXTRA .tradebotignore file', 'CHANGED b/c/deep.ts file'])
  })
})

test('any change to a tree is found, and none where there is none', async () => {
  const name = fc.stringMatching(/^[a-z]{1,3}$/).filter((each) => !/^(con|prn|aux|nul)$/.test(each))
  const change = fc.constantFrom('byte', 'remove', 'mode', 'add', 'link', 'grow')
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(name, fc.string({ unit: 'binary', maxLength: 40 }), {
        minKeys: 1,
        maxKeys: 6,
        noNullPrototype: true,
      }),
      fc.option(change),
      fc.nat(),
      async (contents, kind, pick) => {
        const files = Object.entries(contents).map(([each, content]) => [`f/${each}`, content] as const)
        const sample = makeSampleTree(Object.fromEntries(files))
        try {
          const manifest = await makeManifest(sample.root)
          const file = path.join(sample.root, files[pick % files.length]?.[0] ?? '')
          if (kind !== null) apply(kind, file)
          expect((await compareTree(sample.root, manifest)).length > 0).toBe(kind !== null)
        } finally {
          sample.remove()
        }
      },
    ),
    { numRuns: 50 },
  )
})

function apply(kind: string, file: string): void {
  const content = fs.readFileSync(file)
  if (kind === 'remove') fs.rmSync(file)
  else if (kind === 'mode') fs.chmodSync(file, 0o755)
  else if (kind === 'add') fs.writeFileSync(`${file}_`, '')
  else if (kind === 'link') {
    fs.renameSync(file, `${path.dirname(file)}/../.env`)
    fs.symlinkSync('../.env', file)
  } else if (kind === 'grow' || content.length === 0) fs.appendFileSync(file, '\0')
  else {
    // The same size and time: only the hash can tell.
    const { atime, mtime } = fs.statSync(file)
    content[content.length - 1] = (content.at(-1) ?? 0) ^ 1
    fs.writeFileSync(file, content)
    fs.utimesSync(file, atime, mtime)
  }
}
