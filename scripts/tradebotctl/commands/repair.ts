import { z } from 'zod'
import { defineCommand } from '../frame/command.ts'

const input = z.object({
  package: z.string(),
  allowUnsigned: z.boolean().default(false),
  trust: z.array(z.string()).default([]),
  dryRun: z.boolean().default(false),
})

const result = z.strictObject({
  version: z.string().describe('The release that was repaired.'),
  tree: z.string().describe('Its folder.'),
  dryRun: z.boolean().describe('Nothing was changed: --dry-run.'),
  signedBy: z.string().nullable().describe('Id of the trusted key that signed the package; null: unsigned.'),
  restored: z.array(z.string()).describe('Files that were missing or changed and have been put back.'),
  modes: z.array(z.string()).describe('Files of which only the mode was wrong; it has been put right.'),
  links: z
    .array(z.string())
    .describe(
      'Symbolic links that stood where folders belong, and have been removed; never what they lead to.',
    ),
  extra: z.array(z.string()).describe('What does not belong to the release. It is never deleted.'),
  packages: z
    .enum(['right', 'installed', 'differ', 'unknown'])
    .describe(
      'node_modules: as the lock file says; installed anew; differ, for a clone is left to npm ci (or with --dry-run); unknown: not looked at, for package-lock.json itself is to be repaired first (--dry-run only).',
    ),
  program: z.boolean().describe('bin/tradebotctl of the installation was put right.'),
  link: z.boolean().describe('The link "current" was missing and has been made.'),
  restart: z.boolean().describe('TradeBot runs with what it read before the repair: it is to be restarted.'),
})

export type RepairInput = z.infer<typeof input>
export type RepairResult = z.infer<typeof result>

export const repair = defineCommand({
  name: 'repair',
  summary: 'Put back missing and changed files of the release that is there',
  details:
    'From a package of the same version, checked as for an update. Each file is put back by one rename, in a release of an installation or in a ' +
    'clone, where this undoes local changes. Extra files are reported and stay. In an installation, packages (node_modules) that differ are installed anew. ' +
    'The version does not change, nothing is migrated, and data, keys and .env are not touched. Exits 1 when packages of a clone differ, and with --dry-run when anything is to be put right.',
  arguments: [['<package>', 'the package of the version that is there']],
  options: [
    ['--allow-unsigned', 'take a package without a signature'],
    ['--trust <file...>', 'accept this public key too, this time only'],
    ['--dry-run', 'check the package and tell what would be put back; change nothing'],
  ],
  examples: [
    ['tradebotctl repair tradebot-1.0.0.tar.gz --dry-run', 'what is wrong'],
    ['tradebotctl repair tradebot-1.0.0.tar.gz', 'mend it'],
  ],
  needs: 'nothing',
  input,
  result,
  load: () => import('../install/repair.ts').then((module) => module.runRepair),
})
