import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'dotenv'
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
  const fromFile = kind === 'installation' ? readEnvFile(path.join(root, LAYOUT.env)) : {}
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value))
  const merged = { ...fromFile, ...given }
  const fallback = kind === 'installation' ? LAYOUT.data : '.tradebot'
  const dataDir = path.resolve(root, merged['TRADEBOT_DATA_DIR'] || fallback)
  return { env: { ...merged, TRADEBOT_DATA_DIR: dataDir }, dataDir }
}

function readEnvFile(file: string): Record<string, string> {
  try {
    return parse(readFileSync(file))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw error
  }
}
