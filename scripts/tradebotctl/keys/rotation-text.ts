import type { RotateResult } from '../commands/keys-rotate.ts'

/** What people read in the end. */
export function rotationText(result: RotateResult): string {
  const secrets = (count: number) => `${count} ${count === 1 ? 'secret' : 'secrets'}`
  const left = result.unreadable.map(({ says }) => `  ${says}`)
  const lines = left.length === 0 ? [] : [`Left as they are, for neither key reads them:`, ...left]
  if (result.state === 'NOTHING')
    return [
      `No change of the master key is under way; ${secrets(result.already)} under the present one.`,
      ...lines,
    ].join('\n')
  const already = result.already === 0 ? '' : ` (${secrets(result.already)} were already)`
  return [
    `${secrets(result.rotated)} put under the new master key${already}.`,
    ...lines,
    `Old key  ${result.oldFingerprint.slice(0, 8)}  ${result.oldKey}`,
    `New key  ${result.newFingerprint.slice(0, 8)}  ${result.newKey}`,
    result.next,
  ].join('\n')
}
