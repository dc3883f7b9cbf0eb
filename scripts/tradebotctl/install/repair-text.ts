import path from 'node:path'
import type { RepairResult } from '../commands/repair.ts'
import { assertNever } from '#trading/domain/assert-never.ts'
import type { Context } from '../frame/context.ts'
import { indentedList, number, printable } from '../frame/lists.ts'
import type { Place } from '../place/find-place.ts'
import type { Repaired } from './repair-files.ts'

/** Whether anything was, or would be, put right. */
export function isMended({ restored, modes, links, packages, program, link }: Repaired): boolean {
  return [restored, modes, links].some(({ length }) => length > 0) || packages !== 'right' || program || link
}

export function repairText(result: RepairResult, place: Place, { paint }: Pick<Context, 'paint'>): string {
  const { restored, modes, links, extra, dryRun, program, link } = result
  const [did, mended] = dryRun ? ['Would put back', 'would be'] : ['Put back', 'has been']
  return [
    ...list(`${did} ${number(restored.length)} ${restored.length === 1 ? 'file' : 'files'}`, restored),
    ...list(`${did} the mode of`, modes),
    ...list(`${dryRun ? 'Would remove' : 'Removed'} links in place of folders`, links),
    ...packagesText(result, place, paint),
    ...(program ? [`${path.join('bin', 'tradebotctl')} ${mended} put right.`] : []),
    ...(link ? [`The link "current" ${mended} put back.`] : []),
    ...list('Does not belong to the release, and stays', extra),
    end(result, paint),
    ...(result.restart
      ? [paint.warn('TradeBot runs with what it read before: restart it (tradebotctl stop, then run).')]
      : []),
  ].join('\n')
}

function packagesText({ packages, dryRun }: RepairResult, place: Place, paint: Context['paint']): string[] {
  switch (packages) {
    case 'right':
      return []
    case 'unknown':
      return ['The packages cannot be judged before package-lock.json is put back.']
    case 'installed':
      return ['The packages (node_modules) differed from the lock file and have been installed anew.']
    case 'differ':
      return place.kind === 'clone'
        ? [paint.warn('The packages (node_modules) differ from the lock file: run npm ci.')]
        : [
            `The packages (node_modules) differ from the lock file${dryRun ? ' and would be installed anew' : ''}.`,
          ]
    default:
      return assertNever(packages)
  }
}

function end(result: RepairResult, paint: Context['paint']): string {
  const { version, packages, dryRun, extra } = result
  const more = extra.length === 0 ? '' : ', but for what does not belong to it'
  if (!isMended(result)) return paint.good(`${version} is whole${more}; there was nothing to repair.`)
  if (dryRun) return 'Nothing was changed.'
  if (packages === 'differ') return `The files of ${version} are whole${more}.`
  return paint.good(`${version} is whole${more}.`)
}

function list(title: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${title}:`, indentedList(names.map(printable), '--json has them all')]
}
