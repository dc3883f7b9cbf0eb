import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { PrismaPg } from '@prisma/adapter-pg'
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  DriverAdapterError,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils'
import * as engineModule from '@prisma/schema-engine-wasm/schema_engine_bg'
import pg from 'pg'

type SchemaEngine = engineModule.SchemaEngine

/**
 * Prisma's own schema engine, from the registry as WebAssembly: its native binary comes from a host that firewalls block. It speaks to the
 * database through `pool`, whose owner decides about transactions. `schema` is needed for diffs only.
 */
export async function withSchemaEngine<T>(
  pool: pg.Pool,
  schema: string | undefined,
  use: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  loading ??= load()
  await loading
  const datamodels: [string, string][] | undefined =
    schema === undefined ? undefined : [['schema.prisma', schema]]
  const adapter = bindMigrationAwareSqlAdapterFactory(makeAdapterFactory(pool))
  const engine = await engineModule.SchemaEngine.new({ datamodels }, () => undefined, adapter)
  try {
    return await use(engine)
  } catch (error) {
    if (panics.message !== '')
      throw new Error(`The schema engine failed: ${panics.message}`, { cause: error })
    throw error
  } finally {
    engine.free()
  }
}

let loading: Promise<void> | undefined

/** Where the engine leaves the message of a panic; without it the panic's own report fails. */
const panics = {
  message: '',
  set_message: (message: string) => {
    panics.message = message
  },
}

async function load(): Promise<void> {
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: panics })
  const script = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const bytes = await readFile(script.replace(/\.js$/, '.wasm'))
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': { ...engineModule } })
  engineModule.__wbg_set_wasm(instance.exports)
  const start = instance.exports['__wbindgen_start']
  if (typeof start !== 'function')
    throw new Error('@prisma/schema-engine-wasm is not the engine that this code knows.')
  start()
}

function makeAdapterFactory(pool: pg.Pool): SqlMigrationAwareDriverAdapterFactory {
  const factory = new PrismaPg(withCharsAsUuids(pool))
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => {
      const adapter = await factory.connect()
      // Prisma's own cuts the script at each semicolon, also inside comments and function bodies.
      adapter.executeScript = async (script) => {
        await pool.query(script).catch((error: unknown) => {
          throw error instanceof pg.DatabaseError ? asAdapterError(error) : error
        })
      }
      const queryRaw = adapter.queryRaw.bind(adapter)
      adapter.queryRaw = async (query) => {
        const result = await queryRaw(query)
        const columnTypes = result.columnTypes.map((type) =>
          type === ColumnTypeEnum.Uuid ? ColumnTypeEnum.Character : type,
        )
        return { ...result, columnTypes }
      }
      return adapter
    },
    connectToShadowDb: () =>
      Promise.reject(new Error('No shadow database: the engine compares with a real one.')),
  }
}

/** The engine repeats the words of no other error. */
function asAdapterError({ code = '', severity = 'ERROR', message, detail, column, hint }: pg.DatabaseError) {
  return new DriverAdapterError({ kind: 'postgres', code, severity, message, detail, column, hint })
}

const catalogCharOid = 18
const uuidOid = 2950

/**
 * The catalog, which the engine reads, has columns of type "char". The engine wants them as characters, and the adapter refuses them. So
 * they pass the adapter labelled as a type that the catalog does not have.
 */
function withCharsAsUuids(pool: pg.Pool): pg.Pool {
  return new Proxy(pool, {
    get(target, key) {
      if (key !== 'query') return Reflect.get(target, key, target)
      return async (...query: unknown[]) => {
        const result: pg.QueryArrayResult = await Reflect.apply(target.query, target, query)
        for (const field of result.fields) if (field.dataTypeID === catalogCharOid) field.dataTypeID = uuidOid
        return result
      }
    },
  })
}
