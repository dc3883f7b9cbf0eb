import { z } from 'zod'

export const backupResult = z.strictObject({
  path: z.string().describe('the backup file'),
  checked: z.boolean().describe('true: an existing file was decrypted and checked, and none was written'),
  createdAt: z.string().describe('when its snapshot was taken, ISO-8601'),
  tradebotVersion: z.string().describe('the TradeBot that made it'),
  encryptedFor: z.enum(['passphrase', 'masterKey']).describe('what opens it'),
  masterKeyInside: z.boolean().describe('whether it brings the master key along'),
  bytes: z.number().describe('size of the file'),
  sha256: z.string().describe('of the file, hex'),
  tables: z.number().describe('tables in it'),
  rows: z.number().describe('rows in it, over all tables'),
})

export const restoreResult = z.strictObject({
  file: z.string().describe('the backup file'),
  createdAt: z.string().describe("when the backup's snapshot was taken, ISO-8601: the books are as of then"),
  tradebotVersion: z.string().describe('the TradeBot that made the backup'),
  database: z.string().describe('name of the database that now holds the books'),
  previousDatabase: z
    .string()
    .nullable()
    .describe('the new name of the database that was there before; null where it was empty'),
  tables: z.number().describe('tables restored'),
  rows: z.number().describe('rows restored, each compared with the backup'),
  migrated: z.array(z.string()).describe('migrations that the backup did not have yet'),
  masterKey: z
    .enum(['NONE', 'KEPT', 'WRITTEN', 'REPLACED', 'OUT'])
    .describe(
      'NONE: the backup has none; KEPT: the same was here; WRITTEN: to the data dir; REPLACED: the one here was retired; OUT: to the file of --master-key-out',
    ),
  masterKeyFile: z.string().nullable().describe('where it was written'),
  retiredKeyFile: z.string().nullable().describe('where the master key that was here before is kept'),
  usersHalted: z.number().describe('users whose trading this halted'),
  ordersToLookUp: z
    .number()
    .describe('orders that are asked of their exchange again; none is ever sent again'),
  transfersToLookUp: z.number().describe('transfers likewise'),
  accountsToReconcile: z
    .number()
    .describe('accounts that are compared with their exchange before anything is sent'),
  sessionsEnded: z.number().describe('sign-ins that ended; API tokens stay'),
  next: z.array(z.string()).describe('what to do now'),
})

export type BackupResult = z.infer<typeof backupResult>
export type RestoreResult = z.infer<typeof restoreResult>
