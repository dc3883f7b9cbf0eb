import { z } from 'zod'
import { actInput, actSpec, allInput, allOptions, botsOrAll, reachOptions } from '../bots/act-spec.ts'
import { defineCommand } from '../frame/command.ts'

export const botsStart = defineCommand({
  ...actSpec,
  name: 'bots start',
  summary: 'Start bots',
  arguments: botsOrAll,
  options: [...allOptions, ...reachOptions],
  examples: [
    ['tradebotctl bots start Trend Range', 'both'],
    ['tradebotctl bots start --all --yes', 'all that are stopped'],
    ['tradebotctl bots start 12 --direct', 'while the server is down: it trades as soon as a worker lives'],
  ],
  input: z.looseObject({ ...actInput, ...allInput }),
  load: () => import('../bots/act.ts').then((module) => module.makeRunner('START')),
})
