import { z } from 'zod'
import { apiInput, apiOptions, directInput, directOptions } from '../api/options.ts'
import { haltResult } from '../bots/shapes.ts'
import { defineCommand } from '../frame/command.ts'

export const halt = defineCommand({
  name: 'halt',
  summary: 'Halt trading: from now on no bot of yours opens or grows a position',
  details:
    'Bots keep their status, and open positions stay guarded by stop loss and take profit, or are closed with --close. It holds until resume-trading.',
  options: [['--close', 'close every open position at market'], ...apiOptions, ...directOptions],
  examples: [
    ['tradebotctl halt', 'at once'],
    ['tradebotctl halt --close', 'and sell everything'],
    ['tradebotctl halt --direct', 'works with the server and all workers dead'],
  ],
  needs: 'packages',
  input: z.looseObject({ close: z.boolean().default(false), ...apiInput, ...directInput }),
  result: haltResult,
  load: () => import('../bots/halt.ts').then((module) => module.runHalt),
})
