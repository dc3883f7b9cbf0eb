import { z } from 'zod'
import { defineCommand } from '../frame/command.ts'

const input = z.object({ expandOnly: z.boolean().default(false) })

const result = z.strictObject({
  applied: z
    .array(z.string())
    .describe('The migrations that were applied, in order; empty: there were none.'),
  expandOnly: z.boolean().describe('Whether only expanding ones were allowed.'),
})

export type MigrateInput = z.infer<typeof input>
export type MigrateResult = z.infer<typeof result>

export const migrate = defineCommand({
  name: 'migrate',
  summary: 'Bring the database to what this release expects',
  details:
    'Safe to run at any time, twice, and while TradeBot runs. TradeBot does it itself when it starts. With --expand-only, which updates use, ' +
    'nothing is applied unless the release before goes on as if nothing had been.',
  options: [['--expand-only', 'refuse (exit 4) what does more than add, before anything is applied']],
  examples: [
    ['tradebotctl migrate', 'applies what waits'],
    ['tradebotctl migrate --expand-only --json', 'as an update does'],
  ],
  needs: 'packages',
  input,
  result,
  load: () => import('../database/migrate.ts').then((module) => module.runMigrate),
})
