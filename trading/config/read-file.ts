import { readFileSync } from 'node:fs'

/** The text of a file; undefined when there is none. @throws what else the system says */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Undefined where the text is no JSON: a torn file, a stranger's answer. A schema behind it refuses that. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
