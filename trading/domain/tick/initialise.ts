import { assertNever } from '../assert-never.ts'
import { rests, unprotectedWarning } from '../protective-stop.ts'
import type { StartFacts, TickInput, TickPlan } from './types.ts'

/** Causes that pass are retried for so long after START before the bot goes to ERROR. */
export const START_PATIENCE_MS = 5 * 60_000

type Verdict =
  | { kind: 'READY' }
  | { kind: 'WAIT'; code: string; message: string; want?: TickPlan['wants'][number]; quiet?: boolean }
  | { kind: 'FAIL'; code: string; message: string }

/** The first tick of a PENDING bot: RUNNING when all is there, ERROR for what a person must change, else it stays PENDING and says why. */
export function initialise(input: TickInput, plan: TickPlan): void {
  const { state } = plan
  const verdict = judge(input)
  switch (verdict.kind) {
    case 'READY':
      state.status = 'RUNNING'
      state.errorCode = null
      state.errorMessage = null
      plan.events.push({
        type: 'STATUS',
        from: 'PENDING',
        to: 'RUNNING',
        message: 'Initialised; the bot is running.',
      })
      return
    case 'FAIL':
      fail(input, plan, verdict.code, verdict.message)
      return
    case 'WAIT': {
      const waited = input.now.getTime() - (state.startedAt ?? input.now).getTime()
      if (waited > START_PATIENCE_MS) {
        fail(input, plan, verdict.code, `${verdict.message} It was tried for 5 minutes.`)
        return
      }
      if (verdict.want !== undefined) plan.wants.push(verdict.want)
      if (state.errorMessage !== verdict.message && verdict.quiet !== true)
        plan.events.push({ type: 'START_WAITING', message: verdict.message })
      state.errorCode = verdict.code
      state.errorMessage = verdict.message
      return
    }
    default:
      return assertNever(verdict)
  }
}

/** Moves the plan's bot to ERROR, with a code and a sentence that says what to do. */
function fail(input: TickInput, plan: TickPlan, code: string, message: string): void {
  const from = plan.state.status
  plan.state.status = 'ERROR'
  plan.state.pauseReason = null
  plan.state.pauseDay = null
  plan.state.errorCode = code
  plan.state.errorMessage = message
  plan.events.push({ type: 'STATUS', from, to: 'ERROR', message })
  const unprotected = unprotectedWarning(input.bot.mode, input.position, input.stop)
  if (unprotected !== null) plan.events.push({ type: 'POSITION_UNPROTECTED', message: unprotected })
}

function judge(input: TickInput): Verdict {
  const { bot, stop } = input
  // A stop that rests is taken up again as it is.
  const unsettled = input.unsettled ?? (stop === null || rests(stop) ? null : stop)
  const start = input.start
  if (start === null) throw new Error('a PENDING bot is ticked with what its start needs to know')
  if (bot.mode === 'LIVE') {
    if (!start.venueLive) {
      return {
        kind: 'FAIL',
        code: 'VENUE_NOT_LIVE',
        message: `LIVE ${bot.positionType === 'FUTURES' ? 'futures ' : ''}trading is not offered on ${bot.exchange}. Duplicate the bot as PAPER.`,
      }
    }
    const key = judgeKey(bot.exchange, start)
    if (key !== null) return key
  }
  if (start.marketListed === null) {
    const cause = start.venueError === null ? '' : ` (${start.venueError})`
    return {
      kind: 'WAIT',
      code: 'MARKETS_UNKNOWN',
      message: `Waiting for the markets of ${bot.exchange}${cause}.`,
      want: 'refresh_markets',
    }
  }
  if (!start.marketListed || input.market === null || !input.market.active) {
    return {
      kind: 'FAIL',
      code: 'MARKET_GONE',
      message: `${bot.exchange} does not trade ${bot.symbol} any more. Stop the bot and make one for another market.`,
    }
  }
  const { maxLeverage } = input.market
  if (bot.positionType === 'FUTURES' && maxLeverage !== null && bot.leverage > maxLeverage) {
    return {
      kind: 'FAIL',
      code: 'LEVERAGE_REFUSED',
      message: `${bot.exchange} allows ${bot.symbol} a leverage of ${maxLeverage} at most, and the bot has ${bot.leverage}. Stop the bot, lower its leverage, then start it.`,
    }
  }
  if (bot.mode === 'LIVE' && !start.reconciled) {
    const cause = start.reconcileError === null ? '' : ` (${start.reconcileError})`
    return {
      kind: 'WAIT',
      code: 'NOT_RECONCILED',
      message: `Comparing the books with the account at ${bot.exchange}${cause}.`,
      // Asked for once; what failed is tried again in its own time.
      ...((start.reconcileError === null || input.state.errorCode !== 'NOT_RECONCILED') && {
        want: 'reconcile_account' as const,
      }),
      // Every LIVE start does it, in a moment: it is told only when it fails.
      quiet: start.reconcileError === null,
    }
  }
  if (unsettled !== null) {
    return {
      kind: 'WAIT',
      code: 'ORDER_UNSETTLED',
      message: `Waiting for order ${unsettled.id} of an earlier run to settle (${unsettled.status}).`,
    }
  }
  return { kind: 'READY' }
}

function judgeKey(exchange: string, start: StartFacts): Verdict | null {
  switch (start.key) {
    case 'OK':
      return null
    case 'MISSING':
      return {
        kind: 'FAIL',
        code: 'KEY_MISSING',
        message:
          'A LIVE bot needs an API key. Stop the bot, choose a key in its configuration, then start it.',
      }
    case 'UNREADABLE':
      return {
        kind: 'FAIL',
        code: 'KEY_UNREADABLE',
        message:
          'The API key cannot be decrypted with this master key. Replace the key, then start the bot again.',
      }
    case 'REFUSED':
      return {
        kind: 'FAIL',
        code: 'KEY_REFUSED',
        message: `${exchange} refuses the API key${start.keyMessage === null ? '' : ` (${start.keyMessage})`}. Replace the key, then start the bot again.`,
      }
    case 'UNCHECKED':
      return {
        kind: 'WAIT',
        code: 'KEY_UNCHECKED',
        message: `Asking ${exchange} whether it accepts the API key${start.keyMessage === null ? '' : ` (${start.keyMessage})`}.`,
        want: 'probe_key',
      }
    default:
      return assertNever(start.key)
  }
}
