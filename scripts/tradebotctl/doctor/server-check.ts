import { z } from 'zod'
import { readRunFile } from '#trading/config/run-file.ts'
import { isAlive } from '../../process-identity.ts'
import { serverUrl } from '../../supervisor/plans.ts'
import { missingAdvice } from './advice.ts'
import { bad, ok, warning, type Check } from './check.ts'
import { treeVersion } from './place-checks.ts'
import type { Told } from './told.ts'

const healthSchema = z.looseObject({
  status: z.string(),
  instance: z.string().nullish(),
  version: z.string(),
  database: z.object({ ok: z.boolean() }),
  worker: z.object({ ok: z.boolean() }),
  listen: z.object({ ok: z.boolean() }),
})

/** The web server, where it listens here, else where people reach it. */
export async function checkServer(told: Told): Promise<Check[]> {
  const { settings, place } = told
  const addresses = [...new Set([serverUrl(settings), settings.publicUrl])]
  for (const address of addresses) {
    const answer = await get(`${address}/healthz`)
    if (answer === null) continue
    const health = healthSchema.safeParse(answer)
    if (!health.success)
      return [
        bad(
          'server',
          `${address} answers, and is not TradeBot`,
          'Stop what listens there, or set PORT to another port.',
        ),
      ]
    const { status, version, instance, database, worker, listen } = health.data
    if (isStranger(told, instance))
      return [
        bad(
          'server',
          `another TradeBot answers at ${address}, not this one`,
          'Set PORT to another port, or --root to that one.',
        ),
      ]
    const own = treeVersion(place.tree)
    const amiss = [
      ...(database.ok ? [] : ['it does not reach its database']),
      ...(worker.ok ? [] : ['it sees no worker']),
      ...(listen.ok ? [] : ['it hears of no changes']),
    ]
    return [
      status === 'ok'
        ? ok('server', `${address} answers and is well`)
        : warning('server', `${address} answers: ${amiss.join(', ')}`, 'See the lines about it here.'),
      own === null || own === version
        ? ok('server-version', version)
        : warning(
            'server-version',
            `${version} runs, and ${own} is here`,
            'Restart TradeBot, so that the version that is here runs.',
          ),
    ]
  }
  return [
    bad('server', `does not answer at ${addresses.join(' nor ')}`, missingAdvice(told, 'logs/server.log')),
  ]
}

/** Where DATABASE_URL names the database, the server may be on another machine; what runs here is known by its instance. */
function isStranger({ settings }: Told, instance: string | null | undefined): boolean {
  const run = readRunFile(settings.dataDir)
  const lives = run !== undefined && [run.supervisor, ...Object.values(run.children)].some(isAlive)
  return lives ? instance !== run.instanceId : settings.databaseUrl === undefined
}

/** Null: nobody answers. */
async function get(url: string): Promise<unknown> {
  let text: string
  try {
    text = await (await fetch(url, { signal: AbortSignal.timeout(4_000) })).text()
  } catch {
    return null // Refused or too late: told as "does not answer".
  }
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
