import { z } from 'zod'
import { defineCommand } from '../frame/command.ts'

const result = z.strictObject({
  folder: z.string().describe('Where the keys are.'),
  keys: z
    .array(
      z.strictObject({
        keyId: z.string().describe('Names the key, as tradebotctl keygen says it.'),
        file: z.string().describe('Its file.'),
      }),
    )
    .describe('The keys that packages are accepted from.'),
})

export const trustList = defineCommand({
  name: 'trust list',
  summary: 'Show the public keys that packages are accepted from',
  details: 'Of an installation they are in trusted-keys, of a clone in trusted-keys of its data folder.',
  examples: [['tradebotctl trust list', 'each key with its file']],
  needs: 'nothing',
  input: z.object({}),
  result,
  load: () => import('../archive/run-trust.ts').then((module) => module.runTrustList),
})
