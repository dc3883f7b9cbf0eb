import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import type { Paint } from '../frame/paint.ts'
import { parseManifest, type Manifest } from '../tree/manifest.ts'

/** What an update changes, file by file. */
export type Plan = z.infer<typeof planSchema>

export const planSchema = z.strictObject({
  add: z.array(z.string()).describe('Files that the new release has and the current one does not.'),
  change: z.array(z.string()).describe('Files whose content or mode differs.'),
  remove: z.array(z.string()).describe('Files that the new release has no more.'),
  keep: z.array(z.string()).describe('Files that are the same in both.'),
})

export function planBetween(before: Manifest | undefined, after: Manifest): Plan {
  const old = new Map(before?.files.map((file) => [file.path, file]))
  const plan: Plan = { add: [], change: [], remove: [], keep: [] }
  for (const file of after.files) {
    const was = old.get(file.path)
    old.delete(file.path)
    if (was === undefined) plan.add.push(file.path)
    else if (was.sha256 === file.sha256 && was.mode === file.mode) plan.keep.push(file.path)
    else plan.change.push(file.path)
  }
  plan.remove.push(...old.keys())
  return plan
}

/** The plan in a line, and with `names` file by file but for those that are kept. */
export function planText(plan: Plan, paint: Paint, names: boolean): string {
  const { add, change, remove, keep } = plan
  const counts = `${add.length} to add, ${change.length} to change, ${remove.length} to remove, ${keep.length} to keep`
  if (!names) return counts
  const list = (mark: string, files: string[]) => files.map((file) => `  ${mark} ${file}`)
  const lines = [
    ...list('+', add).map(paint.good),
    ...list('~', change).map(paint.warn),
    ...list('-', remove).map(paint.bad),
  ]
  return [counts, ...lines].join('\n')
}

/** Of a release that is there; undefined when it cannot be read: verify says what is wrong. */
export function manifestOf(tree: string): Manifest | undefined {
  try {
    return parseManifest(readFileSync(path.join(tree, 'manifest.json')))
  } catch {
    return undefined // Missing, or damaged. What depends on it being right says so itself.
  }
}
