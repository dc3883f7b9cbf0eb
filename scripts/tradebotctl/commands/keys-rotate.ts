import { z } from 'zod'
import { defineCommand } from '../frame/command.ts'

const input = z.object({
  newKeyFile: z.string().optional(),
  generateTo: z.string().optional(),
  leaveUnreadable: z.boolean().default(false),
  resume: z.boolean().default(false),
  yes: z.boolean().default(false),
})

export const rotateResult = z.strictObject({
  state: z
    .enum(['ROTATED', 'FINISHED', 'NOTHING'])
    .describe('ROTATED: done; FINISHED: one that had been interrupted; NOTHING: --resume found none'),
  rotated: z.int().describe('secrets that this run put under the new key'),
  already: z.int().describe('secrets that were under it before'),
  unreadable: z
    .array(
      z.strictObject({
        what: z.string().describe('"API key" or "alert channel"'),
        id: z.string(),
        userId: z.string(),
        name: z.string().describe('its label'),
        column: z.string(),
        says: z.string().describe('the same for people'),
      }),
    )
    .describe('secrets that neither key reads; left as they are'),
  oldFingerprint: z.string(),
  newFingerprint: z.string(),
  oldKey: z
    .string()
    .nullable()
    .describe('where the old key is now; backups made before under the master key need it'),
  newKey: z.string().nullable().describe('where the new key is'),
  next: z.string().nullable().describe('what is to be done now'),
})

export type RotateInput = z.infer<typeof input>
export type RotateResult = z.infer<typeof rotateResult>

export const keysRotate = defineCommand({
  name: 'keys rotate',
  summary: 'Put every exchange secret under a new master key',
  details:
    'TradeBot must be stopped on every machine. Killed at any moment no secret is lost: run it again, and it goes on where it stopped. ' +
    'Where the key is the file master.key, a new one is made and the old one kept beside it; where it is TRADEBOT_MASTER_KEY, give the new one.',
  options: [
    [
      '--new-key-file <file>',
      'the new key, 32 bytes in base64 (- for standard input); where TRADEBOT_MASTER_KEY is set',
    ],
    ['--generate-to <file>', 'makes the new key and writes it there; where TRADEBOT_MASTER_KEY is set'],
    ['--leave-unreadable', 'goes on though some secrets do not decrypt; they stay as they are'],
    ['--resume', 'only finishes a change that was interrupted'],
    ['-y, --yes', 'does not ask'],
  ],
  examples: [
    ['tradebotctl keys rotate', 'the embedded database: asks, then changes the key'],
    [
      'tradebotctl keys rotate --generate-to /root/tradebot-new.key --yes',
      'where DATABASE_URL and TRADEBOT_MASTER_KEY are set',
    ],
    ['tradebotctl keys rotate --resume', 'finishes what was interrupted'],
  ],
  needs: 'packages',
  input,
  result: rotateResult,
  load: async () => (await import('../keys/rotate-keys.ts')).runKeysRotate,
})
