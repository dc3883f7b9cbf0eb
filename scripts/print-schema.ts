import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { printSchema } from 'graphql'
import { schema } from '#server/schema/index.ts'

const file = path.join(import.meta.dirname, '..', 'schema.graphql')
const printed = `${printSchema(schema)}\n`

if (!process.argv.includes('--check')) {
  writeFileSync(file, printed)
} else if (readFileSync(file, 'utf8') !== printed) {
  process.stderr.write('schema.graphql is not what the code serves: run node scripts/print-schema.ts\n')
  process.exit(1)
}
