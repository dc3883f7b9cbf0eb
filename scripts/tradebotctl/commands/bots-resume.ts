import { z } from 'zod'
import { actInput, actSpec, allInput, allOptions, botsOrAll, reachOptions } from '../bots/act-spec.ts'
import { defineCommand } from '../frame/command.ts'

export const botsResume = defineCommand({
  ...actSpec,
  name: 'bots resume',
  summary: 'Resume bots that are paused',
  arguments: botsOrAll,
  options: [...allOptions, ...reachOptions],
  examples: [['tradebotctl bots resume Trend', 'it may enter again']],
  input: z.looseObject({ ...actInput, ...allInput }),
  load: () => import('../bots/act.ts').then((module) => module.makeRunner('RESUME')),
})
