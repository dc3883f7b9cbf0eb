import { fileURLToPath } from 'node:url'
import packageJson from '../../package.json' with { type: 'json' }
import { commands } from './commands/index.ts'
import { delegate } from './place/delegate.ts'
import { runCli } from './frame/run-cli.ts'

// The bundled program: one file for plain Node ≥ 20. What needs no packages it does itself, all else the release that it belongs to.
const program = fileURLToPath(import.meta.url)
process.exitCode = await runCli(
  { commands, version: packageJson.version, program, delegate },
  process.argv.slice(2),
)
