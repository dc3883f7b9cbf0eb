import { z } from 'zod'
import { restoreResult } from '../backup/result-shape.ts'
import { defineCommand } from '../frame/command.ts'

export const restore = defineCommand({
  name: 'restore',
  summary: 'Bring the books and the master key of a backup back',
  details:
    'TradeBot must be stopped. The backup goes into an empty database; with --replace into a new one that takes the place of the old, which is kept under another name. Every row is compared before it counts, and killed at any moment the old database or the new one is there whole. The exchange may know more than old books: trading is halted for every user, orders that may have been sent are looked up and never sent again, nothing LIVE is sent before a comparison with the account proves the books (ten minutes at most while an order stays in doubt), and sign-ins end (API tokens stay).',
  arguments: [['<file>', 'the backup']],
  options: [
    ['--passphrase-file <file>', 'the passphrase; - for standard input (default: asked)'],
    ['--replace', 'take the place of a database that is not empty'],
    [
      '--master-key-out <file>',
      'write the master key of the backup there (0600), where TRADEBOT_MASTER_KEY is used',
    ],
    ['-y, --yes', 'do not ask'],
  ],
  examples: [
    ['tradebotctl restore tradebot.backup', 'into a fresh installation'],
    ['tradebotctl restore tradebot.backup --replace', 'asks, and keeps the old database'],
  ],
  needs: 'packages',
  input: z.object({
    file: z.string().min(1),
    passphraseFile: z.string().optional(),
    masterKeyOut: z.string().min(1).optional(),
    replace: z.boolean().optional(),
    yes: z.boolean().optional(),
  }),
  result: restoreResult,
  load: async () => (await import('../backup/run-restore.ts')).runRestore,
})
