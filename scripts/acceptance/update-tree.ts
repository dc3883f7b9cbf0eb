import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'

export const clone = path.join(import.meta.dirname, '..', '..')

export type Ran = { code: number | null; out: string; err: string; ms: number }

/** Any program to its end; what it says goes along to standard error, line by line, when `label` is given. */
export async function runProgram(
  file: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; label?: string } = {},
): Promise<Ran> {
  const began = performance.now()
  const child = spawn(file, args, {
    cwd: options.cwd ?? clone,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
    if (options.label !== undefined) process.stderr.write(text.replace(/^(?=.)/gm, `  ${options.label}: `))
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return { code, out, err, ms: Math.round(performance.now() - began) }
}

/**
 * The tree of another version: what a package of the clone holds, with changes. It shares the clone's packages, which it does not change; the
 * lock file must stay as it is, or building it would install others.
 */
export async function makeTree(
  folder: string,
  packageFile: string,
  version: string,
  change: (tree: string) => void,
): Promise<string> {
  mkdirSync(folder, { recursive: true })
  const unpacked = await runProgram('tar', ['xzf', packageFile, '-C', folder])
  if (unpacked.code !== 0) throw new Error(unpacked.err)
  const manifest = path.join(folder, 'package.json')
  const text = readFileSync(manifest, 'utf8')
  writeFileSync(manifest, text.replace(/"version": "[^"]+"/, `"version": "${version}"`))
  change(folder)
  symlinkSync(path.join(clone, 'node_modules'), path.join(folder, 'node_modules'))
  return folder
}

export function addMigration(tree: string, name: string, sql: string): void {
  const folder = path.join(tree, 'prisma', 'migrations', name)
  mkdirSync(folder)
  writeFileSync(path.join(folder, 'migration.sql'), sql)
}

export function breakServer(tree: string): void {
  const file = path.join(tree, 'server', 'main.ts')
  writeFileSync(file, `throw new Error('This release was made not to start.')\n${readFileSync(file, 'utf8')}`)
}
