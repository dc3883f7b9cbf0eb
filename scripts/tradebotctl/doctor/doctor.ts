import type { DoctorInput, DoctorResult } from '../commands/doctor.ts'
import type { Context } from '../frame/context.ts'
import { checkBackups } from './backup-check.ts'
import { tryCheck, unknown, type Check, type Group } from './check.ts'
import {
  checkClock,
  checkConnections,
  checkMigrations,
  checkOldDatabases,
  checkServerSettings,
  databaseFolder,
} from './database-checks.ts'
import { checkExchanges } from './exchange-checks.ts'
import { findDatabase } from './find-database.ts'
import { checkKeyFile, checkMasterKey, rotationUnfinished } from './key-checks.ts'
import { checkDisk, checkPrograms } from './machine.ts'
import { checkPlace, checkSettings, checkSupervisor } from './place-checks.ts'
import { reportText } from './report.ts'
import { checkServer } from './server-check.ts'
import { readTold, type Told } from './told.ts'
import { checkBots, checkHalts, checkKeys, checkPositions, checkUnknown } from './trading-checks.ts'
import { checkJobs, checkWorkers } from './worker-checks.ts'

/** `doctor`: looks at everything that can be looked at, and changes nothing but a question to the workers. */
export async function runDoctor(
  input: DoctorInput,
  context: Context,
): Promise<{ exitCode: 0 | 1; result: DoctorResult; text: string }> {
  const told = readTold(context)
  const { dataDir } = told.settings
  const database = await findDatabase(told)
  try {
    const [machine, server, books] = await Promise.all([
      tryCheck('programs', () => checkPrograms(context.env)),
      tryCheck('server', () => checkServer(told)),
      lookAtDatabase(told, database, context.signal),
    ])
    const groups: Group[] = [
      {
        title: 'Machine',
        checks: [...machine, ...(await checkDisk(dataDir, books.folder))],
      },
      {
        title: 'TradeBot',
        checks: [
          ...(await tryCheck('place', () => checkPlace(told))),
          ...checkSettings(told),
          ...(await tryCheck('supervisor', () => checkSupervisor(told))),
          ...server,
          ...books.workers,
        ],
      },
      { title: 'Database', checks: [database.check, ...books.database] },
      {
        title: 'Safety',
        checks: [
          ...(await tryCheck('master-key-file', () => checkKeyFile(told))),
          ...books.safety,
          ...(await tryCheck('backup', () => checkBackups(dataDir, input.backups))),
        ],
      },
      { title: 'Exchanges', checks: books.exchanges },
      { title: 'Trading', checks: books.trading },
    ]
    context.signal.throwIfAborted()
    const result = resultOf(groups)
    return { exitCode: result.healthy ? 0 : 1, result, text: reportText(groups, result, context.paint) }
  } finally {
    await database.pool?.end()
  }
}

type Books = {
  database: Check[]
  workers: Check[]
  safety: Check[]
  exchanges: Check[]
  trading: Check[]
  folder: string | null
}

/** All that is in the database, or asked through it. */
async function lookAtDatabase(
  told: Told,
  { pool }: Awaited<ReturnType<typeof findDatabase>>,
  signal: AbortSignal,
): Promise<Books> {
  if (pool === null) return withoutDatabase(told)
  let alive = 0
  const workers = await tryCheck('workers', async () => {
    const found = await checkWorkers(told, pool)
    alive = found.alive
    return found.checks
  })
  const asking = tryCheck('exchanges', () => checkExchanges(told, pool, alive, signal))
  const jobs = await tryCheck('jobs', () => checkJobs(told, pool, alive))
  return {
    database: [
      ...(await tryCheck('database-version', () => checkServerSettings(pool))),
      ...(await tryCheck('connections', () => checkConnections(pool))),
      ...(await tryCheck('migrations', () => checkMigrations(pool))),
      ...(await tryCheck('clock', () => checkClock(pool))),
      ...(await tryCheck('old-databases', () => checkOldDatabases(pool))),
    ],
    workers: [...workers, ...jobs],
    safety: await tryCheck('master-key', () => checkMasterKey(told, pool)),
    trading: [
      ...(await tryCheck('bots', () => checkBots(pool))),
      ...(await tryCheck('positions', () => checkPositions(pool))),
      ...(await tryCheck('orders', () => checkUnknown(pool))),
      ...(await tryCheck('keys', () => checkKeys(pool))),
      ...(await tryCheck('halts', () => checkHalts(pool))),
    ],
    exchanges: await asking,
    folder: await databaseFolder(pool).catch(() => null), // A role that may not know it: its disk is not ours to watch.
  }
}

function withoutDatabase(told: Told): Books {
  const none = (id: string) => [
    unknown(id, 'not known without the database', 'See the line of the database.'),
  ]
  return {
    database: none('migrations'),
    workers: none('workers'),
    safety: rotationUnfinished(told) ?? none('master-key'),
    exchanges: none('exchanges'),
    trading: none('bots'),
    folder: null,
  }
}

function resultOf(groups: readonly Group[]): DoctorResult {
  const checks = groups.flatMap(({ title, checks: some }) =>
    some.map((check) => ({ group: title, ...check })),
  )
  const count = (status: Check['status']) => checks.filter((check) => check.status === status).length
  const bad = count('bad')
  return {
    healthy: bad === 0,
    bad,
    warnings: count('warning'),
    unknown: count('unknown'),
    ok: count('ok'),
    checks,
  }
}
