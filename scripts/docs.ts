import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { environmentTable } from '#trading/config/env.ts'
import { lifecycleTable } from '#trading/domain/lifecycle-table.ts'

const readme = path.join(import.meta.dirname, '..', 'README.md')

/** What README.md must say of what the code knows: the lifecycle and the settings. */
export function withGeneratedParts(text: string): string {
  return fill(fill(text, 'lifecycle', lifecycleTable()), 'environment', environmentTable())
}

export function readReadme(): string {
  return readFileSync(readme, 'utf8')
}

function fill(text: string, part: string, content: string): string {
  const pattern = new RegExp(`(<!-- ${part}: [^\\n]*-->\\n)[\\s\\S]*?(<!-- /${part} -->)`)
  if (!pattern.test(text)) throw new Error(`README.md has no place for the ${part} table`)
  return text.replace(pattern, (_, start: string, end: string) => `${start}\n${content.trim()}\n\n${end}`)
}

if (import.meta.main) writeFileSync(readme, withGeneratedParts(readReadme()))
