import { z } from 'zod'
import { defineCommand } from '../frame/command.ts'

const input = z.object({
  out: z.string().min(1).optional(),
  sign: z.string().min(1).optional(),
  passphraseFile: z.string().optional(),
  dryRun: z.boolean().default(false),
})

const result = z.strictObject({
  path: z.string().nullable().describe('The package; null with --dry-run.'),
  release: z.string().describe('The version of package.json.'),
  files: z.number().int().describe('How many files are in it.'),
  bytes: z.number().int().describe('The size of the package.'),
  sha256: z.string().describe('Of the package.'),
  keyId: z.string().nullable().describe('Id of the key that signed it; null: unsigned.'),
  listing: z
    .array(
      z.strictObject({
        path: z.string().describe('From the root of the tree.'),
        size: z.number().int().describe('In bytes.'),
        mode: z.string().describe('0644 or 0755.'),
      }),
    )
    .nullable()
    .describe('With --dry-run, each file; null without.'),
})

export type PackageInput = z.infer<typeof input>
export type PackageResult = z.infer<typeof result>

export const packageCommand = defineCommand({
  name: 'package',
  summary: 'Pack a clone into a release, reproducibly',
  details:
    'Builds the web app and this program, if need be, and writes them with the sources and the manifest into one .tar.gz. The same tree gives ' +
    'the same bytes (with the same release of Node). What .tradebotignore names is left out. Refuses to pack private keys and files that look like secrets.',
  options: [
    ['--out <file>', 'the package (default: tradebot-VERSION.tar.gz in the working folder)'],
    ['--sign <keyfile>', 'sign the manifest with this private key, as tradebotctl keygen writes it'],
    ['--passphrase-file <file>', "the key's passphrase, - for standard input"],
    ['--dry-run', 'list what would be packed; build nothing, write nothing'],
  ],
  examples: [
    ['tradebotctl package --sign ~/release.key', 'a signed package of this clone'],
    ['tradebotctl package --dry-run', 'what it would hold'],
    ['tradebotctl package --root ~/tradebot --out /tmp/tradebot.tar.gz', 'of another clone, unsigned'],
  ],
  needs: 'nothing',
  input,
  result,
  load: () => import('../archive/run-package.ts').then((module) => module.runPackage),
})
