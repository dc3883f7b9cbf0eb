import { z } from 'zod'
import { actInput, actSpec, allInput, allOptions, botsOrAll, reachOptions } from '../bots/act-spec.ts'
import { defineCommand } from '../frame/command.ts'

export const botsPause = defineCommand({
  ...actSpec,
  name: 'bots pause',
  summary: 'Pause bots: no new entries; an open position stays guarded',
  arguments: botsOrAll,
  options: [...allOptions, ...reachOptions],
  examples: [
    ['tradebotctl bots pause Trend', 'until tradebotctl bots resume Trend'],
    ['tradebotctl bots pause --all', 'all that run; asks first'],
  ],
  input: z.looseObject({ ...actInput, ...allInput }),
  load: () => import('../bots/act.ts').then((module) => module.makeRunner('PAUSE')),
})
