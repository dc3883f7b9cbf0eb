import { z } from 'zod'
import { defineCommand } from '../frame/command.ts'

const result = z.strictObject({
  stopped: z.boolean().describe('False: nothing ran.'),
  pid: z.number().nullable().describe('The process that ran it.'),
})

export type StopResult = z.infer<typeof result>

export const stop = defineCommand({
  name: 'stop',
  summary: 'Stop the installation in order',
  details:
    'Workers finish what they do, then server and PostgreSQL end. Bots stay as they are and go on when it runs again; meanwhile nothing watches ' +
    'their positions but the stops that rest at the exchange.',
  examples: [['tradebotctl stop', 'whether it runs in a terminal or in the background']],
  needs: 'nothing',
  input: z.object({}),
  result,
  load: () => import('../install/run.ts').then((module) => module.runStop),
})
