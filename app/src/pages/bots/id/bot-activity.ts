import { createEffect, on, onCleanup } from 'solid-js'
import type { BotLive } from '../../../graphql/documents/bots.ts'
import { bots } from '../../../live/bots-store.ts'
import { onBotEvent } from '../../../live/feed.ts'

/** Calls back when the bot did something that its tables show: an event, a fill, a change of position or status. */
export function onBotActivity(bot: () => BotLive, refresh: () => void): void {
  onCleanup(onBotEvent((event) => event.botId === bot().id && refresh()))
  const footprint = () => {
    const { state, position } = bot()
    return [
      state.status,
      state.closing,
      state.dailyTradeCount,
      position?.amount,
      position?.protectedAtExchange,
    ].join(' ')
  }
  createEffect(on(footprint, refresh, { defer: true }))
}

/** Calls back when another tab or another client edited the bot: its configuration is to be read again. */
export function onEditedElsewhere(
  id: () => string,
  known: () => number | undefined,
  refresh: () => void,
): void {
  createEffect(() => {
    const [mine, newest] = [known(), bots[id()]?.revision]
    if (mine !== undefined && newest !== undefined && newest > mine) refresh()
  })
}
