import { z } from 'zod'
import { apiInput, apiOptions, directInput, directOptions } from '../api/options.ts'
import { actResult } from '../bots/shapes.ts'
import { defineCommand } from '../frame/command.ts'

const flag = z.boolean().default(false)

export const botsDelete = defineCommand({
  name: 'bots delete',
  summary: 'Delete bots that are stopped; their history is kept',
  details:
    'With one bot named, what refuses it is the exit code; with several each outcome is a line, and the exit code is 1 if any was refused.',
  arguments: [['<bot...>', 'numbers, or names that only one bot has']],
  options: [
    ['--close', 'sell an open position at market'],
    ['--keep', 'leave an open position as it is, to you'],
    ['--yes', 'do not ask'],
    ...apiOptions,
    ...directOptions,
  ],
  examples: [
    ['tradebotctl bots delete Trend', 'asks first'],
    ['tradebotctl bots delete 12 13 --yes', 'both, without a question'],
  ],
  needs: 'packages',
  input: z.looseObject({
    bot: z.array(z.string()).default([]),
    close: flag,
    keep: flag,
    yes: flag,
    ...apiInput,
    ...directInput,
  }),
  result: actResult,
  load: () => import('../bots/act.ts').then((module) => module.makeRunner('DELETE')),
})
