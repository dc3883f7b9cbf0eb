import { existsSync, lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs'
import path from 'node:path'
import { BUNDLE, LAYOUT, PROGRAM } from '../place/layout.ts'
import { makeHasher } from './hash-file.ts'
import type { Pace } from './pace.ts'
import { isRelease } from './release.ts'

/** `path` from the installation's root. */
export type InstallationProblem = { path: string; problem: string }

const program = `${LAYOUT.bin}/${PROGRAM.file}`
const link = `${LAYOUT.bin}/${PROGRAM.link}`

/** What is wrong around the release that `current` leads to. */
export async function checkInstallation(
  root: string,
  tree: string,
  release: string,
  pace: Pace,
): Promise<InstallationProblem[]> {
  const problems: InstallationProblem[] = []
  const folder = path.relative(root, tree)
  if (path.basename(tree) !== release)
    problems.push({ path: folder, problem: `It holds the manifest of release ${release}.` })
  for (const each of [LAYOUT.releases, folder, LAYOUT.bin])
    if (!statAt(root, each)?.isDirectory()) problems.push({ path: each, problem: 'It is not a folder.' })
  const problem = await problemOfProgram(root, tree, pace)
  if (problem !== undefined) problems.push({ path: program, problem })
  if (!statAt(root, link)?.isSymbolicLink() || readlinkSync(path.join(root, link)) !== PROGRAM.file)
    problems.push({ path: link, problem: `It is not the link to ${PROGRAM.file}.` })
  return problems
}

/** What an update or repair that was killed has left. */
export function leftoversIn(root: string): string[] {
  const beside = readdirSync(path.join(root, LAYOUT.releases)).filter((name) => !isRelease(name))
  const left = beside.map((name) => `${LAYOUT.releases}/${name}`)
  return existsSync(path.join(root, LAYOUT.journal)) ? [LAYOUT.journal, ...left] : left
}

async function problemOfProgram(root: string, tree: string, pace: Pace): Promise<string | undefined> {
  const stats = statAt(root, program)
  if (stats === undefined) return 'It is missing.'
  if (!stats.isFile()) return 'It is not a file.'
  if ((stats.mode & 0o100) === 0 && process.platform !== 'win32') return 'It is not executable.'
  // That the release has no program is told with its files.
  if (!statAt(tree, BUNDLE)?.isFile()) return undefined
  const hasher = makeHasher(pace)
  const [own, released] = [
    await hasher.hash(path.join(root, program)),
    await hasher.hash(path.join(tree, BUNDLE)),
  ]
  return own.sha256 === released.sha256 ? undefined : 'It is not the program of the current release.'
}

function statAt(folder: string, name: string): Stats | undefined {
  return lstatSync(path.join(folder, name), { throwIfNoEntry: false })
}
