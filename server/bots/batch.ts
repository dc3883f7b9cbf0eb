import type { Services } from '../context.ts'

type Load<T> = (services: Services, botIds: readonly string[]) => Promise<ReadonlyMap<string, T>>
type Batch<Row, T> = {
  asked: Map<Row, (answer: T | undefined) => void>
  failed: ((error: unknown) => void)[]
}

/**
 * Reads something of many bots in one query: all rows asked for in one turn (a page of a list) share it, and so do all subscribers who are
 * handed the same loaded row. Answers undefined for a bot that is gone.
 */
export function batchByBot<Row extends object, T>(
  idOf: (row: Row) => string,
  load: Load<T>,
): (services: Services, row: Row) => Promise<T | undefined> {
  const answers = new WeakMap<Row, Promise<T | undefined>>()
  const batches = new WeakMap<Services, Batch<Row, T>>()

  function openBatch(services: Services): Batch<Row, T> {
    const batch: Batch<Row, T> = { asked: new Map(), failed: [] }
    batches.set(services, batch)
    setImmediate(() => {
      batches.delete(services)
      run(services, batch).catch((error: unknown) => {
        for (const reject of batch.failed) reject(error)
      })
    })
    return batch
  }

  async function run(services: Services, { asked }: Batch<Row, T>): Promise<void> {
    const found = await load(services, [...new Set([...asked.keys()].map(idOf))])
    for (const [row, resolve] of asked) resolve(found.get(idOf(row)))
  }

  return (services, row) => {
    const known = answers.get(row)
    if (known !== undefined) return known
    const asked = new Promise<T | undefined>((resolve, reject) => {
      const batch = batches.get(services) ?? openBatch(services)
      batch.asked.set(row, resolve)
      batch.failed.push(reject)
    })
    answers.set(row, asked)
    asked.catch(() => answers.delete(row)) // The caller hears of it; the next one may ask again.
    return asked
  }
}
