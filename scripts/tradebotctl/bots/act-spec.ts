import { z } from 'zod'
import { apiInput, apiOptions, directInput, directOptions } from '../api/options.ts'
import { actResult } from './shapes.ts'

const flag = z.boolean().default(false)

/** What the commands that are given to bots (start, pause, resume, stop, delete) have in common. */
export const actSpec = {
  details:
    'With one bot named, what refuses it is the exit code; with several each outcome is a line, and the exit code is 1 if any was refused.',
  needs: 'packages',
  result: actResult,
} as const

const BOTS = 'numbers, or names that only one bot has'

/** Bots by name or number, or all of them. */
export const botsOrAll = [['[bot...]', BOTS]] as const
/** Bots by name or number. */
export const botsNamed = [['<bot...>', BOTS]] as const

export const allOptions = [
  ['--all', 'every bot that can be'],
  ['--yes', 'do not ask whether all of them are meant'],
] as const

/** What becomes of an open position. */
export const policyOptions = [
  ['--close', 'sell an open position at market'],
  ['--keep', 'leave an open position as it is, to you'],
] as const

/** How the server, or the database, is reached. */
export const reachOptions = [...apiOptions, ...directOptions] as const

export const actInput = { bot: z.array(z.string()).default([]), yes: flag, ...apiInput, ...directInput }
export const allInput = { all: flag }
export const policyInput = { close: flag, keep: flag }
