import { z } from 'zod'
import { apiInput, apiOptions, directInput, directOptions } from '../api/options.ts'
import { logLine } from '../bots/shapes.ts'
import { defineCommand } from '../frame/command.ts'

const LAST = 'must be a whole number from 0 to 10000.'

export const botsLogs = defineCommand({
  name: 'bots logs',
  summary: 'Print the events of a bot, or of all of them, oldest first; -f goes on as they happen',
  details:
    'With -f no event is lost and none comes twice, also while the server restarts; Ctrl-C is its normal end, with exit code 0. With --json each event is a JSON object on a line of its own.',
  arguments: [['[bot]', 'its number, or its name where only one has it; without it all bots']],
  options: [
    ['-f, --follow', 'go on until Ctrl-C'],
    ['--last <n>', 'how many of the past (default 50)'],
    ...apiOptions,
    ...directOptions,
  ],
  examples: [
    ['tradebotctl bots logs Trend --last 20', 'what it did last'],
    ['tradebotctl bots logs -f', 'all bots, live'],
    ['tradebotctl bots logs -f --last 0 --json', 'for a program, from now on'],
  ],
  needs: 'packages',
  input: z.looseObject({
    bot: z.string().optional(),
    follow: z.boolean().default(false),
    last: z.coerce.number(LAST).int(LAST).min(0, LAST).max(10_000, LAST).default(50),
    ...apiInput,
    ...directInput,
  }),
  result: logLine.optional(),
  streams: true,
  load: () => import('../bots/logs.ts').then((module) => module.runLogs),
})
