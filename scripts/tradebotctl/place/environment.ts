import path from 'node:path'
import { parse } from 'dotenv'
import { readIfThere } from '#trading/config/read-file.ts'
import { LAYOUT } from './layout.ts'

/**
 * The settings that TradeBot runs with at this place. An installation reads its `.env`, and what the shell sets comes before it; its data
 * is in `<root>/data` unless told otherwise. A clone has what the shell sets.
 */
export function environmentOf(
  kind: 'clone' | 'installation',
  root: string,
  env: NodeJS.ProcessEnv,
): { env: NodeJS.ProcessEnv; dataDir: string } {
  const fromFile = kind === 'installation' ? parse(readIfThere(path.join(root, LAYOUT.env)) ?? '') : {}
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value))
  const merged = { ...fromFile, ...given }
  const fallback = kind === 'installation' ? LAYOUT.data : '.tradebot'
  const dataDir = path.resolve(root, merged['TRADEBOT_DATA_DIR'] || fallback)
  return { env: { ...merged, TRADEBOT_DATA_DIR: dataDir }, dataDir }
}
