import { z } from 'zod'
import { actInput, actSpec, botsNamed, policyInput, policyOptions, reachOptions } from '../bots/act-spec.ts'
import { defineCommand } from '../frame/command.ts'

export const botsDelete = defineCommand({
  ...actSpec,
  name: 'bots delete',
  summary: 'Delete bots that are stopped; their history is kept',
  arguments: botsNamed,
  options: [...policyOptions, ['--yes', 'do not ask'], ...reachOptions],
  examples: [
    ['tradebotctl bots delete Trend', 'asks first'],
    ['tradebotctl bots delete 12 13 --yes', 'both, without a question'],
  ],
  input: z.looseObject({ ...actInput, ...policyInput }),
  load: () => import('../bots/act.ts').then((module) => module.makeRunner('DELETE')),
})
