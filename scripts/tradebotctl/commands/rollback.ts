import { z } from 'zod'
import { defineCommand } from '../frame/command.ts'
import { isRelease } from '../tree/release.ts'

const input = z.object({
  to: z.string().refine(isRelease, 'must be a version, like 1.2.3').optional(),
  dryRun: z.boolean().default(false),
})

const result = z.strictObject({
  from: z.string().describe('The release that was current.'),
  to: z.string().describe('The release that is current now.'),
  dryRun: z.boolean().describe('Nothing was changed: --dry-run.'),
  restarted: z.boolean().describe('TradeBot ran; it runs again, the other release, and is healthy.'),
})

export type RollbackInput = z.infer<typeof input>
export type RollbackResult = z.infer<typeof result>

export const rollback = defineCommand({
  name: 'rollback',
  summary: 'Go back to the release before',
  details:
    'The release is verified first; then the link "current" is switched and TradeBot is restarted if it ran. The database keeps what the newer ' +
    'release has added to it, which the older one does not mind.',
  options: [
    ['--to <version>', 'another release that is still here'],
    ['--dry-run', 'verify the release; change nothing'],
  ],
  examples: [
    ['tradebotctl rollback', 'back to the release that was current before the last update'],
    ['tradebotctl rollback --to 1.0.0', 'to a release of your choice'],
  ],
  needs: 'nothing',
  input,
  result,
  load: () => import('../install/rollback.ts').then((module) => module.runRollback),
})
