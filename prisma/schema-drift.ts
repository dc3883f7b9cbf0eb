import { readFileSync } from 'node:fs'
import pg from 'pg'
import { schemaFile } from './migration-folder.ts'
import { withSchemaEngine } from './schema-engine.ts'

/**
 * The SQL that would bring this database to what the schema says; empty when they agree. CHECK constraints, triggers, functions and partial
 * indexes are no part of it: Prisma does not see them.
 */
export async function diffSchema(
  databaseUrl: string,
  schema = readFileSync(schemaFile, 'utf8'),
): Promise<string> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  const files = [{ path: 'schema.prisma', content: schema }]
  try {
    const { stdout } = await withSchemaEngine(pool, schema, (engine) =>
      engine.diff({
        from: { tag: 'schemaDatasource', files, configDir: import.meta.dirname },
        to: { tag: 'schemaDatamodel', files },
        script: true,
        exitCode: null,
        filters: { externalTables: [], externalEnums: [] },
      }),
    )
    // The engine's silence must not pass for agreement: with nothing to do it says so.
    if (stdout === null) throw new Error('The schema engine gave no answer.')
    return stdout.trim() === '-- This is an empty migration.' ? '' : stdout
  } finally {
    await pool.end()
  }
}
