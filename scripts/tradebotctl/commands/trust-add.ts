import { z } from 'zod'
import { defineCommand } from '../frame/command.ts'

const result = z.strictObject({
  folder: z.string().describe('Where the keys are.'),
  keyId: z.string().describe('Names the key.'),
  added: z.boolean().describe('It was not trusted before.'),
})

export const trustAdd = defineCommand({
  name: 'trust add',
  summary: 'Accept packages signed with this key from now on',
  details: 'Compare the key id with whoever signs, by another way than the one by which the file came.',
  arguments: [['<file>', 'a public key (.pub), as tradebotctl keygen writes it']],
  examples: [['tradebotctl trust add release.pub', 'pin the key']],
  needs: 'nothing',
  input: z.object({ file: z.string() }),
  result,
  load: () => import('../archive/run-trust.ts').then((module) => module.runTrustAdd),
})
