import { forgetEnded, noteDenial } from '../denials.ts'
import { entryLimit } from '../capital.ts'
import { denyEntry } from './deny.ts'
import { type FoundSignal, moveOf } from './signals.ts'
import { entrySize } from './size.ts'
import type { TickInput, TickPlan } from './types.ts'

/**
 * Plans an entry for the signal, or says why there is none: once while the reason lasts. Called at each tick with fresh data, so that a
 * reason that has ended is forgotten, and told again when it comes back.
 */
export function planEntry(input: TickInput, plan: TickPlan, found: FoundSignal | null): void {
  const wanted =
    input.position === null && found !== null && moveOf(found, found.side) === 'ENTER' ? found : null
  // Most ticks have nothing to enter on and nothing to forget: what would deny them need not be asked.
  if (wanted === null && plan.state.notice === null) return
  const { data, market, bot } = input
  const size = data === null || market === null ? null : entrySize(bot, plan.state, market, data.lastPrice)
  const denial = denyEntry(input, plan, size)
  forgetEnded(plan.state, denial)
  if (wanted === null) return
  if (denial !== null) {
    if (noteDenial(plan.state, denial)) {
      plan.events.push({
        type: 'ENTRY_DENIED',
        message: `${wanted.signal.reason}, but no entry (${denial.code}): ${denial.message}`,
      })
    }
    return
  }
  if (data === null || market === null || size === null) return
  const { amount } = size
  plan.intent = {
    purpose: 'ENTRY',
    side: wanted.side,
    type: 'LIMIT_IOC',
    amount,
    price: entryLimit(bot, wanted.side, amount, data.lastPrice, market),
    stopPrice: null,
    referencePrice: data.lastPrice,
    reduceOnly: false,
    reason: wanted.signal.reason,
    signalCandleAt: wanted.openTime,
  }
}
