import type { z } from 'zod'
import type { ApiInput, DirectInput } from '../api/options.ts'
import type { Context } from '../frame/context.ts'
import { CouldNotError } from '../frame/errors.ts'
import { type Desk, withDesk } from './desk.ts'
import type { haltResult } from './shapes.ts'
import { count } from './words.ts'

type Result = z.infer<typeof haltResult>
type Ended = { exitCode: 0; result: Result; text: string }

/** No bot of the account opens or grows a position from then on. */
export async function runHalt(
  input: ApiInput & DirectInput & { close: boolean },
  context: Context,
): Promise<Ended> {
  return withDesk(context, input, async (desk) => {
    await desk.halt(input.close)
    const result = await lookAfter(desk, 'Trading is halted')
    const { bots, positions, closing } = result
    const unguarded = positions > 0 && (await desk.workersAlive()) === 0
    const of =
      bots === 0 ? 'no bot was running' : `${count(bots, 'bot')} ${bots === 1 ? 'enters' : 'enter'} nothing`
    const text = [
      `${context.paint.bad('Trading is halted')}: ${of}, until tradebotctl resume-trading.`,
      positions === 0
        ? 'No position is open.'
        : unguarded
          ? `${context.paint.bad('NO worker is alive')}: ${positionsWords(positions, closing)}, and TradeBot neither guards nor closes any of them now. Start one: npm start, or tradebotctl run.`
          : closing === 0
            ? `${positionsWords(positions, closing)} ${positions === 1 ? 'stays' : 'stay'} guarded by stop loss and take profit.`
            : `${positionsWords(positions, closing)}; until then they stay guarded.`,
    ].join('\n')
    return { exitCode: 0, result, text }
  })
}

function positionsWords(positions: number, closing: number): string {
  const open = count(positions, 'open position')
  return closing === 0 ? open : `${open}, ${closing} of them being closed`
}

export async function runResumeTrading(input: ApiInput & DirectInput, context: Context): Promise<Ended> {
  return withDesk(context, input, async (desk) => {
    await desk.resumeTrading()
    const result = await lookAfter(desk, 'Trading is resumed')
    const bots = result.bots === 0 ? 'no bot is running' : `${count(result.bots, 'bot')} may enter again`
    return { exitCode: 0, result, text: `${context.paint.good('Trading is resumed')}: ${bots}.` }
  })
}

/** @throws CouldNotError which says that it was done all the same */
async function lookAfter(desk: Desk, done: string): Promise<Result> {
  try {
    const { haltedAt, bots } = await desk.list({})
    return {
      haltedAt,
      bots: bots.filter(({ state }) => state.status !== 'STOPPED').length,
      positions: bots.filter(({ position }) => position !== null).length,
      closing: bots.filter(({ position, state }) => position !== null && state.closing).length,
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new CouldNotError(
      'BOTS_UNREADABLE',
      `${done}. How many bots that concerns could not be read: ${why}`,
      {
        cause: error,
      },
    )
  }
}
