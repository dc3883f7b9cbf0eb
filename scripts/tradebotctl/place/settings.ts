import { EnvError } from '#trading/config/env-error.ts'
import { loadSettings } from '#trading/config/env.ts'
import type { Context } from '../frame/context.ts'
import { CouldNotError } from '../frame/errors.ts'
import { environmentOf } from './environment.ts'

/** What TradeBot is told at the command's place. @throws CouldNotError SETTINGS_WRONG with every problem */
export function settingsOf(context: Context): ReturnType<typeof loadSettings> {
  const place = context.place()
  try {
    return loadSettings(environmentOf(place.kind, place.root, context.env).env)
  } catch (error) {
    if (error instanceof EnvError)
      throw new CouldNotError('SETTINGS_WRONG', error.problems.join('\n'), { cause: error })
    throw error
  }
}
