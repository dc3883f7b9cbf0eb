import { z } from 'zod'
import { defineCommand } from '../frame/command.ts'

const input = z.object({
  manifest: z.string().min(1, 'FILE is empty.').optional(),
  dependencies: z.boolean().default(true),
  all: z.boolean().default(false),
})

const kind = z
  .enum(['MISSING', 'CHANGED', 'EXTRA', 'MODE'])
  .describe(
    'MISSING: not there. CHANGED: other content, or something else stands there. EXTRA: does not belong. MODE: other mode.',
  )

const state = z.strictObject({
  type: z
    .enum(['file', 'folder', 'link', 'other'])
    .describe('link: symbolic; other: pipe, socket or device.'),
  size: z.number().int().nullable().describe('In bytes; null: not looked at.'),
  mode: z.string().nullable().describe('In octal, "0644"; null: not looked at.'),
  sha256: z.string().nullable().describe('In hex; null: not read, for the size or the type told enough.'),
})

const fileDifference = z.strictObject({
  kind,
  path: z.string().describe('From the root of the tree.'),
  expected: state.nullable().describe('As the manifest says; null: nothing belongs there.'),
  found: state.nullable().describe('What is there; null: nothing.'),
})

const packageDifference = z.strictObject({
  kind,
  path: z.string().describe('The file, or the folder of a whole package, from the root of the tree.'),
  package: z
    .string()
    .nullable()
    .describe('The folder of the package that it is about; null: none of the lock file.'),
  expected: z.string().nullable().describe('In words; null: nothing belongs there.'),
  found: z.string().nullable().describe('In words; null: nothing is there.'),
})

const result = z.strictObject({
  tree: z
    .string()
    .describe('The folder that was looked at: the clone, or the current release of the installation.'),
  manifest: z.string().describe('The manifest that it was compared with.'),
  release: z.string().describe("The manifest's release."),
  files: z.number().int().describe('How many files the manifest names.'),
  differences: z.array(fileDifference).describe('Of the files, sorted by path.'),
  signature: z
    .strictObject({
      state: z
        .enum(['none', 'valid', 'invalid'])
        .describe(
          'none: there is no manifest.sig, or --manifest was given. invalid: counts as a difference.',
        ),
      keyId: z.string().nullable().describe('Id of the trusted key that signed the manifest.'),
      problem: z.string().nullable().describe('What is wrong with the signature.'),
    })
    .describe('manifest.sig of a release, against the trusted keys.'),
  installation: z
    .array(
      z.strictObject({
        path: z.string().describe('From the root of the installation.'),
        problem: z.string().describe('What is wrong there.'),
      }),
    )
    .describe('What is wrong around the release; of a clone, nothing.'),
  dependencies: z
    .strictObject({
      expected: z.number().int().describe('Packages of the lock file that belong on this machine.'),
      proven: z
        .number()
        .int()
        .describe('Packages of which every file was compared with the archive that the lock file names.'),
      differences: z.array(packageDifference).describe('Sorted by path.'),
      unproven: z
        .array(
          z.strictObject({
            path: z.string().describe('The folder of the package.'),
            version: z.string().describe('Its version.'),
          }),
        )
        .describe(
          "Packages whose archive is not in npm's cache, so that their files could not be compared; no difference.",
        ),
    })
    .nullable()
    .describe('node_modules against package-lock.json; null: not looked at.'),
  notes: z.array(z.string()).describe('What is worth knowing and no difference.'),
})

export type VerifyInput = z.infer<typeof input>
export type VerifyResult = z.infer<typeof result>

export const verify = defineCommand({
  name: 'verify',
  summary: 'Compare the files with the manifest, and the packages with the lock file',
  details:
    'Tells what is missing, changed, extra, or of another mode; exits 1 when anything is. Of a release the signature is checked too. Packages ' +
    "are compared, file by file, with their archives in npm's cache, whose hashes the lock file has; nothing is downloaded, and packages " +
    'whose archive is not there are listed as unproven. Symbolic links are not followed. Nothing is changed.',
  options: [
    ['--manifest <file>', 'compare with this manifest instead of manifest.json in the tree'],
    ['--no-dependencies', 'leave node_modules out'],
    ['--all', 'show every difference, not the first 20 of a kind'],
  ],
  examples: [
    ['tradebotctl verify', 'what differs here'],
    ['tradebotctl verify --no-dependencies --json', 'the files only, for a program'],
    ['tradebotctl verify --root ~/tradebot --all', 'of an installation, all of it'],
  ],
  needs: 'nothing',
  input,
  result,
  load: () => import('../tree/run-verify.ts').then((module) => module.runVerify),
})
