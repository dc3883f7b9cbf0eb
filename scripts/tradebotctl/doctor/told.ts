import { randomBytes } from 'node:crypto'
import { EnvError } from '#trading/config/env-error.ts'
import { loadSettings } from '#trading/config/env.ts'
import type { Context } from '../frame/context.ts'
import type { Place } from '../place/find-place.ts'
import { environmentOf } from '../place/environment.ts'

/** What TradeBot is told at the place, as far as it can be read. */
export type Told = {
  place: Place
  settings: ReturnType<typeof loadSettings>
  /** Sentences; settings that they are about have their defaults. */
  problems: string[]
  /** DATABASE_URL is there and cannot be used. */
  databaseUrlWrong: boolean
}

/** A setting that is wrong must not hide the rest: it is left away, and the others are read. */
export function readTold(context: Context): Told {
  const place = context.place()
  const env = { ...environmentOf(place.kind, place.root, context.env).env }
  const problems: string[] = []
  let keyWrong = false
  for (;;) {
    try {
      const { masterKey, ...settings } = loadSettings(env)
      return {
        place,
        settings: { ...settings, masterKey: keyWrong ? undefined : masterKey },
        problems,
        databaseUrlWrong: problems.some((problem) => problem.startsWith('DATABASE_URL')),
      }
    } catch (error) {
      if (!(error instanceof EnvError)) throw error
      const names = error.problems.map((problem) => /^\w+/.exec(problem)?.[0] ?? '')
      // What cannot be left away would be found again for ever.
      if (names.every((name) => env[name] === undefined && name !== 'TRADEBOT_MASTER_KEY')) throw error
      problems.push(...error.problems)
      for (const name of names) delete env[name]
      if (!names.includes('TRADEBOT_MASTER_KEY')) continue
      keyWrong = true
      env['TRADEBOT_MASTER_KEY'] = randomBytes(32).toString('base64')
    }
  }
}
