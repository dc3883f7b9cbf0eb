import { z } from 'zod'
import { apiInput, apiOptions, directInput, directOptions } from '../api/options.ts'
import { actResult } from '../bots/shapes.ts'
import { defineCommand } from '../frame/command.ts'

const flag = z.boolean().default(false)

export const botsPause = defineCommand({
  name: 'bots pause',
  summary: 'Pause bots: no new entries; an open position stays guarded',
  details:
    'With one bot named, what refuses it is the exit code; with several each outcome is a line, and the exit code is 1 if any was refused.',
  arguments: [['[bot...]', 'numbers, or names that only one bot has']],
  options: [
    ['--all', 'every bot that can be'],
    ['--yes', 'do not ask whether all of them are meant'],
    ...apiOptions,
    ...directOptions,
  ],
  examples: [
    ['tradebotctl bots pause Trend', 'until tradebotctl bots resume Trend'],
    ['tradebotctl bots pause --all', 'all that run; asks first'],
  ],
  needs: 'packages',
  input: z.looseObject({
    bot: z.array(z.string()).default([]),
    all: flag,
    yes: flag,
    ...apiInput,
    ...directInput,
  }),
  result: actResult,
  load: () => import('../bots/act.ts').then((module) => module.makeRunner('PAUSE')),
})
