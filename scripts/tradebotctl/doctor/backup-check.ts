import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { ago, ok, unknown, warning, type Check } from './check.ts'

const DAY_MS = 86_400_000

/** The age of the newest backup; TradeBot knows of those that updates make, and of a folder that it is told of. */
export function checkBackups(dataDir: string, folder: string | undefined): Check[] {
  const where = path.resolve(folder ?? path.join(dataDir, 'backups'))
  const advice = `Make one: tradebotctl backup --out FILE. Doctor looks in ${where}; tell it of another folder with --backups DIR.`
  const newest = newestIn(where)
  if (newest === null) return [unknown('backup', `there is none in ${where}`, advice)]
  const age = Date.now() - newest.at
  const found = `${newest.name}, ${ago(age)} old`
  return [age > 7 * DAY_MS ? warning('backup', found, advice) : ok('backup', found)]
}

function newestIn(folder: string): { name: string; at: number } | null {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
  const files = names
    .filter((name) => !name.startsWith('.') && !/\.(partial|next|draft)$/.test(name))
    .map((name) => ({ name, stat: statSync(path.join(folder, name)) }))
    .filter(({ stat }) => stat.isFile() && stat.size > 0)
    .map(({ name, stat }) => ({ name, at: stat.mtimeMs }))
  return files.toSorted((a, b) => b.at - a.at)[0] ?? null
}
