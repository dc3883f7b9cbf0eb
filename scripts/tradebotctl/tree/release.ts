import { z } from 'zod'
import { parseJson } from '#trading/config/read-file.ts'

/**
 * Whether this names a release: "1.2.3" or "1.2.3-rc.1". It becomes the name of a folder, so nothing but lower-case letters, figures, dots and
 * hyphens, and no ending that marks a folder being made.
 */
export function isRelease(text: string): boolean {
  return PATTERN.test(text) && text.length <= 64 && !text.endsWith('.partial')
}

const packageSchema = z.looseObject({ name: z.literal('tradebot'), version: z.string().refine(isRelease) })

/** The release that a package.json of TradeBot tells; undefined where it is none, or tells none. */
export function releaseIn(packageJson: string): string | undefined {
  return packageSchema.safeParse(parseJson(packageJson)).data?.version
}

/** By the rules of Semantic Versioning 2.0.0, § 11: below 0 when `a` is the older. Both must be releases. */
export function compareReleases(a: string, b: string): number {
  const [first, second] = [partsOf(a), partsOf(b)]
  for (const index of [0, 1, 2]) {
    const order = Number(first.numbers[index]) - Number(second.numbers[index])
    if (order !== 0) return order
  }
  // What comes before a release is older than it.
  if (first.before.length === 0 || second.before.length === 0)
    return Number(first.before.length === 0) - Number(second.before.length === 0)
  for (const [index, one] of first.before.entries()) {
    const other = second.before[index]
    if (other === undefined) return 1
    const order = compareIdentifiers(one, other)
    if (order !== 0) return order
  }
  return first.before.length - second.before.length
}

const PATTERN =
  /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(-(0|[1-9]\d{0,8}|\d*[a-z-][0-9a-z-]*)(\.(0|[1-9]\d{0,8}|\d*[a-z-][0-9a-z-]*))*)?$/

function partsOf(release: string): { numbers: string[]; before: string[] } {
  const hyphen = release.indexOf('-')
  const [numbers, before] = hyphen < 0 ? [release, ''] : [release.slice(0, hyphen), release.slice(hyphen + 1)]
  return { numbers: numbers.split('.'), before: before === '' ? [] : before.split('.') }
}

function compareIdentifiers(one: string, other: string): number {
  const [isNumber, otherIsNumber] = [/^\d+$/.test(one), /^\d+$/.test(other)]
  if (isNumber && otherIsNumber) return Number(one) - Number(other)
  if (isNumber !== otherIsNumber) return isNumber ? -1 : 1
  return one === other ? 0 : one < other ? -1 : 1
}
