import { z } from 'zod'
import {
  actInput,
  actSpec,
  allInput,
  allOptions,
  botsOrAll,
  policyInput,
  policyOptions,
  reachOptions,
} from '../bots/act-spec.ts'
import { defineCommand } from '../frame/command.ts'

export const botsStop = defineCommand({
  ...actSpec,
  name: 'bots stop',
  summary: 'Stop bots; of one that holds a position say --close or --keep',
  arguments: botsOrAll,
  options: [...policyOptions, ...allOptions, ...reachOptions],
  examples: [
    ['tradebotctl bots stop Trend', 'refused while it holds a position'],
    ['tradebotctl bots stop Trend --close', 'sells what it holds'],
    ['tradebotctl bots stop --all --keep --yes --direct', 'every bot, while the server is down'],
  ],
  input: z.looseObject({ ...actInput, ...allInput, ...policyInput }),
  load: () => import('../bots/act.ts').then((module) => module.makeRunner('STOP')),
})
