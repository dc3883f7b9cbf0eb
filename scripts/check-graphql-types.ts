import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'

// Part of `npm run check`: the app's GraphQL types are those of schema.graphql. Regenerates them and says so when they were old.
const root = path.join(import.meta.dirname, '..')
const file = path.join(root, 'app', 'src', 'graphql', 'graphql-env.d.ts')
const before = readFileSync(file, 'utf8')
const cli = path.join(root, 'node_modules', '.bin', 'gql.tada')
const result = spawnSync(cli, ['generate-output', '--tsconfig', 'app/tsconfig.json'], {
  cwd: root,
  encoding: 'utf8',
})
if (result.status !== 0) {
  process.stderr.write(`${result.stdout}${result.stderr}`)
  process.exit(1)
}
if (readFileSync(file, 'utf8') !== before) {
  process.stderr.write(
    'app/src/graphql/graphql-env.d.ts was older than schema.graphql. It is new now: commit it.\n',
  )
  process.exit(1)
}
