import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const FILES = 20_000
const FOLDERS = 200
const BYTES = 1024 ** 3
const MOST_RATIO = 1.5
/** A tree four times as large may cost this much more memory: what its paths and hashes take. */
const MOST_GROWTH_MIB = 48
/** Odd, so that there is a middle one. */
const ROUNDS = 5

/** Run before the program: says on its end how much memory it had at most. */
const TELL_MEMORY =
  'data:text/javascript,process.on("exit",()=>console.error(`peak ${process.resourceUsage().maxRSS} KiB`))'
const MAIN = path.join(import.meta.dirname, '..', 'tradebotctl', 'main.ts')

/**
 * `tradebotctl manifest` of a 1 GiB tree of 20,000 files, the whole process with its start, against `find … | xargs -0 -P1 sha256sum` over the
 * same files, in turn; both read from the page cache, both hash in one thread. Memory is the peak of the process, of a quarter of the tree
 * and of all of it. True: the median time is at most 1.5 times sha256sum's, and memory does not grow with the tree.
 */
export async function benchManifest(): Promise<boolean> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tradebot-bench-manifest-'))
  try {
    const [all, quarter] = [path.join(folder, 'all'), path.join(folder, 'quarter')]
    fill(all, FILES)
    fill(quarter, FILES / 4)
    const rounds = Array.from({ length: ROUNDS + 1 }, () => ({
      sha256sum: timed('sh', ['-c', `find '${all}' -type f -print0 | xargs -0 -P1 sha256sum`]),
      manifest: manifestOf(all, path.join(folder, 'm')),
    })).slice(1) // The first one fills the page cache.
    const bare = middleOf(rounds.map((round) => round.sha256sum.seconds))
    const ours = middleOf(rounds.map((round) => round.manifest.seconds))
    const memory = {
      all: middleOf(rounds.map((round) => round.manifest.mib)),
      quarter: manifestOf(quarter, path.join(folder, 'q')).mib,
    }
    const ratio = ours / bare
    const growth = memory.all - memory.quarter
    process.stdout.write(
      `${FILES.toLocaleString('en')} files, 1 GiB of random bytes; the middle one of ${ROUNDS} rounds, in turn, from the page cache\n` +
        `find | xargs -P1 sha256sum   ${bare.toFixed(2)} s\n` +
        `tradebotctl manifest         ${ours.toFixed(2)} s, the start of Node included\n` +
        `  ratio ${ratio.toFixed(2)} (at most ${MOST_RATIO})\n` +
        `peak memory                  ${memory.all.toFixed(0)} MiB; of a quarter of the tree ${memory.quarter.toFixed(0)} MiB\n` +
        `  ${growth.toFixed(0)} MiB more for four times the files (at most ${MOST_GROWTH_MIB})\n`,
    )
    return ratio <= MOST_RATIO && growth <= MOST_GROWTH_MIB
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Files of many sizes, like a tree of sources with some large ones: 1 GiB for all of them. */
function fill(root: string, count: number): void {
  mkdirSync(root)
  writeFileSync(path.join(root, 'package.json'), '{"name":"tradebot","version":"1.0.0"}')
  const noise = randomBytes(4 * 1024 ** 2)
  const mean = BYTES / FILES
  for (let index = 0; index < count; index++) {
    const folder = path.join(root, `folder-${index % FOLDERS}`)
    if (index < FOLDERS) mkdirSync(folder)
    // Of 100 files one has a quarter of their bytes; the others share the rest unevenly.
    const size = index % 100 === 0 ? mean * 25 : (mean * 75 * ((index % 10) + 1)) / 545
    const start = (index * 4096) % (2 * 1024 ** 2)
    writeFileSync(path.join(folder, `file-${index}`), noise.subarray(start, start + Math.round(size)))
  }
}

function manifestOf(tree: string, out: string): { seconds: number; mib: number } {
  const { seconds, stderr } = timed(process.execPath, [
    '--import',
    TELL_MEMORY,
    MAIN,
    'manifest',
    '--root',
    tree,
    '--out',
    out,
  ])
  const kib = Number(/peak (\d+) KiB/.exec(stderr)?.[1])
  if (!(kib > 0)) throw new Error(`the process did not tell its memory: ${stderr}`)
  return { seconds, mib: kib / 1024 }
}

/** The time that passes from start to end of a process. */
function timed(command: string, args: string[]): { seconds: number; stderr: string } {
  const began = performance.now()
  const ran = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: undefined },
  })
  if (ran.status !== 0) throw new Error(`${command} ended with ${ran.status}: ${ran.stderr}`)
  return { seconds: (performance.now() - began) / 1000, stderr: ran.stderr }
}

function middleOf(values: number[]): number {
  const middle = values.toSorted((a, b) => a - b)[(values.length - 1) / 2]
  if (middle === undefined) throw new Error('no round was run')
  return middle
}
