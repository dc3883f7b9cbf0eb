import type { VerifyResult } from '../commands/verify.ts'
import { indentedList, number, printable } from '../frame/lists.ts'
import type { Paint } from '../frame/paint.ts'
import type { Place } from '../place/find-place.ts'
import type { Difference } from './compare-tree.ts'
import type { DependencyDifference } from './verify-dependencies.ts'
import { NAMES } from './walk-tree.ts'

const SEE_ALL = '--all shows them'

const KINDS = [
  ['MISSING', 'missing'],
  ['CHANGED', 'changed'],
  ['EXTRA', 'extra'],
  ['MODE', 'of another mode'],
] as const

/** What a person reads: by kind, then what to do. */
export function verifyText(result: VerifyResult, kind: Place['kind'], all: boolean, paint: Paint): string {
  const { dependencies, signature, installation } = result
  const groups = [
    ...KINDS.map(([each, words]) => ({
      title: `Files ${words}`,
      lines: result.differences.filter((one) => one.kind === each).map(lineOfFile),
    })),
    ...KINDS.map(([each, words]) => ({
      title: `Packages, files ${words}`,
      lines: (dependencies?.differences ?? []).filter((one) => one.kind === each).map(lineOfPackage),
    })),
    { title: 'Signature', lines: signature.problem === null ? [] : [signature.problem] },
    {
      title: 'Installation',
      lines: installation.map(({ path, problem }) => `${printable(path)}  ${problem}`),
    },
  ]
  const told = groups.filter(({ lines }) => lines.length > 0)
  const count = told.reduce((sum, { lines }) => sum + lines.length, 0)
  const blocks = told.map(
    ({ title, lines }) =>
      `${paint.bad(`${title} (${number(lines.length)})`)}\n${indentedList(lines, all ? null : SEE_ALL)}`,
  )
  const where = `TradeBot ${result.release} in ${printable(result.tree)}`
  const summary =
    count === 0
      ? paint.good(`${where} is as it should be.`)
      : paint.bad(`${where}: ${count === 1 ? 'one difference' : `${number(count)} differences`}.`)
  return [
    ...blocks,
    ...[unprovenOf(dependencies, all, paint)].flat(),
    [summary, ...factsOf(result), ...result.notes, ...(count === 0 ? [] : whatToDo(result, kind))].join('\n'),
  ].join('\n\n')
}

function factsOf({ files, signature, dependencies }: VerifyResult): string[] {
  const signed = {
    none: 'The manifest is not signed: it proves only that nothing changed since it was made.',
    valid: `The manifest is signed with the trusted key ${signature.keyId}.`,
    invalid: 'The signature of the manifest does not hold.',
  }[signature.state]
  const packages =
    dependencies === null
      ? 'The packages were not looked at.'
      : `Of ${number(dependencies.expected)} packages that must be here, and optional ones that are, ${number(dependencies.proven)} were compared with the archives that the lock file names.`
  return [`${number(files)} files are in the manifest. ${signed}`, packages]
}

function unprovenOf(dependencies: VerifyResult['dependencies'], all: boolean, paint: Paint): string[] {
  const unproven = dependencies?.unproven ?? []
  if (unproven.length === 0) return []
  const title = `Packages unproven, for their archives are not in npm's cache (${number(unproven.length)})`
  return [
    `${paint.warn(title)}\n${indentedList(
      unproven.map(({ path, version }) => `${path} ${version}`),
      all ? null : SEE_ALL,
    )}`,
  ]
}

function whatToDo(
  { differences, dependencies, signature, installation }: VerifyResult,
  kind: Place['kind'],
): string[] {
  const advice: string[] = []
  const isMended = differences.some((each) => each.kind !== 'EXTRA') || installation.length > 0
  if (isMended || signature.state === 'invalid')
    advice.push('Put back what is missing or changed: tradebotctl repair PACKAGE')
  if (differences.some((each) => each.kind === 'EXTRA'))
    advice.push('Extra files are never deleted for you: look at them, and remove what is not yours.')
  if (dependencies !== null && dependencies.differences.length > 0)
    advice.push(
      kind === 'clone'
        ? 'Install the packages anew: npm ci'
        : 'Install the packages anew: tradebotctl repair PACKAGE',
    )
  return advice
}

function lineOfFile({ kind, path, expected, found }: Difference): string {
  const what = {
    MISSING: '',
    EXTRA: found !== null && found.type !== 'file' ? NAMES[found.type] : '',
    CHANGED:
      found === null || found.type === 'file' ? '' : `${NAMES[found.type]} in its place or on the way to it`,
    MODE: `${found?.mode ?? ''} instead of ${expected?.mode ?? ''}`,
  }[kind]
  return [printable(path), what].filter(Boolean).join('  ')
}

function lineOfPackage({ kind, path, expected, found }: DependencyDifference): string {
  const words = {
    MISSING: expected === null || expected === 'as in its archive' ? '' : `(${expected})`,
    EXTRA: found === 'a file' || found === null ? '' : found,
    CHANGED: found === 'other content' ? '' : `${found ?? 'nothing'} instead of ${expected ?? 'nothing'}`,
    MODE: `${found ?? ''} instead of ${expected ?? ''}`,
  }[kind]
  return [printable(path), words].filter(Boolean).join('  ')
}
