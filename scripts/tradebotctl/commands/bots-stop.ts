import { z } from 'zod'
import { apiInput, apiOptions, directInput, directOptions } from '../api/options.ts'
import { actResult } from '../bots/shapes.ts'
import { defineCommand } from '../frame/command.ts'

const flag = z.boolean().default(false)

export const botsStop = defineCommand({
  name: 'bots stop',
  summary: 'Stop bots; of one that holds a position say --close or --keep',
  details:
    'With one bot named, what refuses it is the exit code; with several each outcome is a line, and the exit code is 1 if any was refused.',
  arguments: [['[bot...]', 'numbers, or names that only one bot has']],
  options: [
    ['--close', 'sell an open position at market'],
    ['--keep', 'leave an open position as it is, to you'],
    ['--all', 'every bot that can be'],
    ['--yes', 'do not ask whether all of them are meant'],
    ...apiOptions,
    ...directOptions,
  ],
  examples: [
    ['tradebotctl bots stop Trend', 'refused while it holds a position'],
    ['tradebotctl bots stop Trend --close', 'sells what it holds'],
    ['tradebotctl bots stop --all --keep --yes --direct', 'every bot, while the server is down'],
  ],
  needs: 'packages',
  input: z.looseObject({
    bot: z.array(z.string()).default([]),
    all: flag,
    close: flag,
    keep: flag,
    yes: flag,
    ...apiInput,
    ...directInput,
  }),
  result: actResult,
  load: () => import('../bots/act.ts').then((module) => module.makeRunner('STOP')),
})
