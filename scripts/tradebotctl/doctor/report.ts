import type { DoctorResult } from '../commands/doctor.ts'
import type { Paint } from '../frame/paint.ts'
import type { Group, Status } from './check.ts'

/** A line for each check under its group, and below it what to do. */
export function reportText(groups: readonly Group[], result: DoctorResult, paint: Paint): string {
  const width = Math.max(...groups.flatMap(({ checks }) => checks.map(({ id }) => id.length)))
  const colour: Record<Status, (text: string) => string> = {
    ok: paint.good,
    warning: paint.warn,
    bad: paint.bad,
    unknown: paint.warn,
  }
  const lines = groups.flatMap(({ title, checks }) => [
    paint.strong(title),
    ...checks.flatMap(({ id, status, found, advice }) => [
      `  ${colour[status](status.padEnd(7))}  ${id.padEnd(width)}  ${found}`,
      ...(advice === null ? [] : [`${' '.repeat(width + 13)}→ ${advice}`]),
    ]),
    '',
  ])
  return [...lines, summary(result, paint)].join('\n')
}

function summary({ bad, warnings, unknown, ok }: DoctorResult, paint: Paint): string {
  const counts = [
    ...(bad > 0 ? [`${bad} bad`] : []),
    ...(warnings > 0 ? [`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`] : []),
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
    `${ok} ok`,
  ].join(', ')
  return bad > 0 ? `${paint.bad('Not healthy')}: ${counts}.` : `${paint.good('Healthy')}: ${counts}.`
}
