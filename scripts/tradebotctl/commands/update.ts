import { z } from 'zod'
import { defineCommand } from '../frame/command.ts'
import { planSchema } from '../install/plan.ts'

const input = z.object({
  package: z.string(),
  allowUnsigned: z.boolean().default(false),
  allowDowngrade: z.boolean().default(false),
  trust: z.array(z.string()).default([]),
  keep: z.coerce
    .number('is how many releases stay')
    .int('is a whole number')
    .min(1, 'is at least 1')
    .max(100, 'is at most 100')
    .default(2),
  names: z.boolean().default(false),
  dryRun: z.boolean().default(false),
})

const result = z.strictObject({
  from: z.string().describe('The release that was current.'),
  to: z.string().describe('The release of the package.'),
  dryRun: z.boolean().describe('Nothing was changed: --dry-run.'),
  signedBy: z.string().nullable().describe('Id of the trusted key that signed the package; null: unsigned.'),
  plan: planSchema.describe('What differs between the two releases, file by file.'),
  completed: z
    .boolean()
    .describe('The update had been interrupted after the switch, and only what was missing has been done.'),
  backup: z.string().nullable().describe('The backup of the database; null: there is no database yet.'),
  migrations: z.array(z.string()).describe('Migrations that were applied.'),
  restarted: z.boolean().describe('TradeBot ran; it runs again, the new release, and is healthy.'),
  removedReleases: z.array(z.string()).describe('Older releases that were removed.'),
})

export type UpdateInput = z.infer<typeof input>
export type UpdateResult = z.infer<typeof result>

export const update = defineCommand({
  name: 'update',
  summary: 'Make a newer release the current one, from a package',
  details:
    'All of the package is checked before anything is written. The new release is made beside the current one, verified, and the database is ' +
    'backed up and migrated (migrations that only add); then the link "current" is switched, TradeBot is restarted if it ran, and if it does ' +
    'not get healthy, the old release comes back by itself and the new one is removed; its logs are in data/logs. Data, keys and .env are not touched. An update that was killed is finished or undone by the ' +
    'next update, rollback, repair or run.',
  arguments: [['<package>', 'the package, a .tar.gz made by tradebotctl package']],
  options: [
    ['--allow-unsigned', 'take a package without a signature'],
    ['--allow-downgrade', 'take a release that is older than the current one'],
    ['--trust <file...>', 'accept this public key too, this time only'],
    ['--keep <count>', 'how many releases stay, the current one included (default 2)'],
    ['--names', 'name each file of the plan'],
    ['--dry-run', 'check the package and show the plan; change nothing'],
  ],
  examples: [
    ['tradebotctl update tradebot-1.1.0.tar.gz --dry-run --names', 'what would change'],
    ['tradebotctl update tradebot-1.1.0.tar.gz', 'update, and restart TradeBot if it runs'],
  ],
  needs: 'nothing',
  input,
  result,
  load: () => import('../install/update.ts').then((module) => module.runUpdate),
})
