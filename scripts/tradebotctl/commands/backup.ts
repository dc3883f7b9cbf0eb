import { z } from 'zod'
import { backupResult } from '../backup/result-shape.ts'
import { defineCommand } from '../frame/command.ts'

export const backup = defineCommand({
  name: 'backup',
  summary: 'Put the database and the master key into one encrypted file, also while TradeBot trades',
  details:
    'All of it is of one moment. The file is encrypted with a passphrase of at least 12 characters; who loses it has lost the backup. With --under-master-key it is encrypted under the master key of this installation instead, and does not hold it: for this machine only. Jobs that wait are not in it: TradeBot makes them anew from the books.',
  options: [
    ['--out <file>', 'the backup to write'],
    ['--check <file>', 'decrypt and check all of an existing backup; nothing is written'],
    ['--passphrase-file <file>', 'the passphrase; - for standard input (default: asked)'],
    ['--under-master-key', 'encrypt under the master key instead of a passphrase'],
    ['--force', 'overwrite the file if it exists'],
  ],
  examples: [
    ['tradebotctl backup --out tradebot.backup', 'asks for a passphrase'],
    ['tradebotctl backup --out tradebot.backup --passphrase-file passphrase.txt', 'asks nothing, for cron'],
    ['tradebotctl backup --check tradebot.backup', 'whether it can be restored'],
  ],
  needs: 'packages',
  input: z.object({
    out: z.string().min(1).optional(),
    check: z.string().min(1).optional(),
    passphraseFile: z.string().optional(),
    underMasterKey: z.boolean().optional(),
    force: z.boolean().optional(),
  }),
  result: backupResult,
  load: async () => (await import('../backup/run-backup.ts')).runBackup,
})
