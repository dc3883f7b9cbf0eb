import { fileURLToPath } from 'node:url'
import packageJson from '../../package.json' with { type: 'json' }
import { commands } from './commands/index.ts'
import { runCli } from './frame/run-cli.ts'

// `npx tradebotctl` in a clone, and what the bundled program hands a command to that needs packages.
const program = fileURLToPath(import.meta.url)
const code = await runCli({ commands, version: packageJson.version, program }, process.argv.slice(2))
// Not by itself: Prisma's schema engine leaves timers behind that would keep a restore alive that is over for ten seconds.
process.exit(code)
