import { z } from 'zod'
import { defineCommand } from '../frame/command.ts'

const input = z.object({ out: z.string().min(1, 'FILE is empty.').optional() })

const result = z.strictObject({
  path: z.string().describe('The file that was written.'),
  release: z.string().describe('The version of package.json.'),
  files: z.number().int().describe('How many files it names.'),
  bytes: z.number().int().describe('Bytes of all these files together.'),
})

export type ManifestInput = z.infer<typeof input>
export type ManifestResult = z.infer<typeof result>

export const manifest = defineCommand({
  name: 'manifest',
  summary: 'Write down SHA-256, size and mode of every file',
  details:
    'Writes manifest.json at the root of the tree, sorted, and the same for the same tree. Left out are node_modules, .git, data, .env, ' +
    '.tradebot*, and what .tradebotignore names: a name or path a line, as in .gitignore, with * and ** and a slash at the end for folders, ' +
    'but without ! ? [ ]. In an installation it is about the current release, whose own manifest is never replaced by another.',
  options: [['--out <file>', 'write it there; - for standard output']],
  examples: [
    ['tradebotctl manifest', 'manifest.json of this clone'],
    ['tradebotctl manifest --out -', 'on standard output, without writing a file'],
    ['tradebotctl manifest --root ~/tradebot --out /tmp/manifest.json', 'of another place'],
  ],
  needs: 'nothing',
  input,
  result,
  load: () => import('../tree/run-manifest.ts').then((module) => module.runManifest),
})
