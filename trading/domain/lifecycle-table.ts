import { BOT_STATUSES, type BotStatus, type BotTrigger, LIFECYCLE } from './bot-lifecycle.ts'

const COLUMNS: readonly [BotTrigger, string][] = [
  ['START', 'START'],
  ['INITIALISED', 'initialised'],
  ['DAILY_LIMIT', 'daily limit'],
  ['NEW_DAY', 'new day'],
  ['RESUME', 'RESUME'],
  ['PAUSE', 'PAUSE'],
  ['STOP', 'STOP'],
  ['FAILURE', 'failure'],
  ['UPDATE', 'UPDATE'],
  ['DELETE', 'DELETE'],
]

/** Conditions that a status alone cannot say, by cell. */
const NOTES: Partial<Record<`${BotStatus} ${BotTrigger}`, string>> = {
  'STOPPED STOP': '¹',
  'RUNNING UPDATE': '²',
  'PAUSED UPDATE': '²',
  'PAUSED NEW_DAY': '³',
  'PAUSED RESUME': '⁴',
  'PAUSED PAUSE': '⁵',
}

const FOOTNOTES = `¹ only while a position, an unsettled order or a close remains. ² at the next tick; direction, leverage and key only when STOPPED, flat and settled; exchange, symbol
and mode never. ³ a daily-limit pause of an earlier UTC day, where \`resumeNextDay\` is on. ⁴ not a daily-limit pause of today. ⁵ a daily-limit pause becomes MANUAL, so that
midnight does not wake the bot.`

/** The lifecycle as a table in Markdown, from the table that the code goes by. */
export function lifecycleTable(): string {
  const head = `| from \\ on | ${COLUMNS.map(([, title]) => title).join(' | ')} |`
  const rule = `|${'---|'.repeat(COLUMNS.length + 1)}`
  const rows = BOT_STATUSES.map(
    (status) => `| ${status} | ${COLUMNS.map(([trigger]) => cell(status, trigger)).join(' | ')} |`,
  )
  return [head, rule, ...rows, '', FOOTNOTES].join('\n')
}

function cell(status: BotStatus, trigger: BotTrigger): string {
  const to = LIFECYCLE[status][trigger]
  if (to === null) return '–'
  return `${to === 'SAME' ? '●' : to}${NOTES[`${status} ${trigger}`] ?? ''}`
}
