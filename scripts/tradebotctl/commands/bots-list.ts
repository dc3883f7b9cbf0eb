import { z } from 'zod'
import { BOT_STATUSES } from '#trading/domain/bot-lifecycle.ts'
import { apiInput, apiOptions, directInput, directOptions } from '../api/options.ts'
import { listResult } from '../bots/shapes.ts'
import { defineCommand } from '../frame/command.ts'

export const botsList = defineCommand({
  name: 'bots list',
  summary: 'List your bots: what they do, hold and earn',
  options: [
    ['--status <status>', `only those that are ${BOT_STATUSES.join(', ')}`],
    ['--search <text>', 'only those with this in their name or symbol'],
    ...apiOptions,
    ...directOptions,
  ],
  examples: [
    ['tradebotctl bots list', 'all of them, newest first'],
    ['tradebotctl bots list --status ERROR --json', 'what needs a person, for a program'],
    ['tradebotctl bots list --direct', 'while the server is down'],
  ],
  needs: 'packages',
  input: z.looseObject({
    status: z
      .string()
      .toUpperCase()
      .pipe(z.enum(BOT_STATUSES, `must be one of ${BOT_STATUSES.join(', ')}.`))
      .optional(),
    search: z.string().optional(),
    ...apiInput,
    ...directInput,
  }),
  result: listResult,
  load: () => import('../bots/list.ts').then((module) => module.runList),
})
