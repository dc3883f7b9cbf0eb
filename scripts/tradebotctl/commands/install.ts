import { z } from 'zod'
import { defineCommand } from '../frame/command.ts'

const input = z.object({
  package: z.string(),
  prefix: z.string({ error: 'a folder is needed: where the installation is made' }).min(1),
  trust: z.array(z.string()).default([]),
  allowUnsigned: z.boolean().default(false),
})

const result = z.strictObject({
  root: z.string().describe('The installation.'),
  version: z.string().describe('Its release.'),
  signedBy: z.string().nullable().describe('Id of the trusted key that signed the package; null: unsigned.'),
  trusted: z.array(z.string()).describe('Ids of the keys that later packages are accepted from.'),
  completed: z
    .boolean()
    .describe('It had been interrupted when all but done, and only what was missing has been done.'),
})

export type InstallInput = z.infer<typeof input>
export type InstallResult = z.infer<typeof result>

export const install = defineCommand({
  name: 'install',
  summary: 'Make an installation from a package',
  details:
    'The folder must be missing or empty. The keys given with --trust are pinned: updates are accepted from them. Check a key with whoever signs ' +
    'before you trust it.',
  arguments: [['<package>', 'the package, a .tar.gz made by tradebotctl package']],
  options: [
    ['--prefix <dir>', 'where the installation is made'],
    ['--trust <file...>', 'public keys (.pub) that this package and later ones are accepted from'],
    ['--allow-unsigned', 'take a package without a signature'],
  ],
  examples: [
    [
      'tradebotctl install tradebot-1.0.0.tar.gz --prefix ~/tradebot --trust release.pub',
      'install, and trust whoever holds that key',
    ],
  ],
  needs: 'nothing',
  input,
  result,
  load: () => import('../install/install.ts').then((module) => module.runInstall),
})
