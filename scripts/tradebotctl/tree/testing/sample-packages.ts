import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { create } from 'tar'

type SamplePackage = { location: string; files: Record<string, string>; lock?: Record<string, unknown> }

/**
 * Fills a tree as npm would: node_modules, package-lock.json, npm's own notes, and a cache (`<root>/data/cache`) with each package's archive.
 */
export function installSamples(root: string, samples: SamplePackage[]): { cache: string } {
  const cache = path.join(root, 'data', 'cache')
  const locked = samples.map(({ location, files, lock = {} }) => {
    const name = location.slice(location.lastIndexOf('node_modules/') + 13)
    const all = { 'package.json': JSON.stringify({ name, version: '1.0.0' }), ...files }
    put(path.join(root, location), all)
    const archive = archiveOf(path.join(root, 'data', 'packed'), all)
    const digest = createHash('sha512').update(archive).digest()
    const hex = digest.toString('hex')
    const content = path.join(cache, '_cacache', 'content-v2', 'sha512', hex.slice(0, 2), hex.slice(2, 4))
    put(content, { [hex.slice(4)]: archive })
    return [
      location,
      { version: '1.0.0', integrity: `sha512-${digest.toString('base64')}`, ...lock },
    ] as const
  })
  const names = samples.flatMap(({ location, lock }) =>
    lock?.['dev'] === true || location.lastIndexOf('node_modules/') > 0 ? [] : [[location.slice(13), '*']],
  )
  const packages = Object.fromEntries(locked)
  const project = { name: 'tradebot', version: '1.2.3', dependencies: Object.fromEntries(names) }
  const lockOf = (entries: object) =>
    JSON.stringify({ name: 'tradebot', lockfileVersion: 3, packages: entries })
  put(root, { 'package-lock.json': lockOf({ '': project, ...packages }) })
  put(path.join(root, 'node_modules'), { '.package-lock.json': lockOf(packages) })
  return { cache }
}

export function linkCommand(root: string, name: string, target: string): void {
  const folder = path.join(root, 'node_modules', '.bin')
  mkdirSync(folder, { recursive: true })
  rmSync(path.join(folder, name), { force: true })
  symlinkSync(target, path.join(folder, name))
}

function archiveOf(folder: string, files: Record<string, string>): Buffer {
  const file = `${folder}.tgz`
  put(path.join(folder, 'package'), files)
  create({ file, cwd: folder, gzip: true, sync: true }, ['package'])
  const bytes = readFileSync(file)
  rmSync(folder, { recursive: true })
  rmSync(file)
  return bytes
}

function put(folder: string, files: Record<string, string | Buffer>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), content)
  }
}
