import { z } from 'zod'
import { defineCommand } from '../frame/command.ts'

const result = z.strictObject({
  folder: z.string().describe('Where the keys are.'),
  keyId: z.string().describe('Names the key that was removed.'),
})

export const trustRemove = defineCommand({
  name: 'trust remove',
  summary: 'Accept no more packages signed with this key',
  arguments: [['<keyid>', 'the key, as tradebotctl trust list names it']],
  examples: [['tradebotctl trust remove 0123456789abcdef0123456789abcdef', 'unpin the key']],
  needs: 'nothing',
  input: z.object({
    keyid: z
      .string()
      .regex(/^[0-9a-f]{32}$/, 'a key id has 32 figures and letters; tradebotctl trust list shows them'),
  }),
  result,
  load: () => import('../archive/run-trust.ts').then((module) => module.runTrustRemove),
})
