/** Times as people read them, in the reader's own zone; what is exact goes into a title attribute. */

const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const day = new Intl.DateTimeFormat(undefined, { day: '2-digit', month: 'short' })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' })

/** "14:03:07" */
export function formatClock(at: Date): string {
  return clock.format(at)
}

/** "14:03:07" today, "21 Nov 14:03:07" before. */
export function formatWhen(at: Date, now: Date): string {
  return at.toDateString() === now.toDateString() ? clock.format(at) : `${day.format(at)} ${clock.format(at)}`
}

/** With seconds and zone, for a title attribute. */
export function formatFull(at: Date): string {
  return full.format(at)
}

/** "in 12 s", "3 min ago", "now". */
export function formatDistance(at: Date, now: Date): string {
  const seconds = Math.round((at.getTime() - now.getTime()) / 1000)
  if (Math.abs(seconds) < 1) return 'now'
  const text = formatDuration(Math.abs(seconds))
  return seconds > 0 ? `in ${text}` : `${text} ago`
}

/** The largest unit that fits: "45 s", "3 min", "5 h", "2 d". */
export function formatDuration(seconds: number): string {
  if (seconds < 90) return `${seconds} s`
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} d`
}
