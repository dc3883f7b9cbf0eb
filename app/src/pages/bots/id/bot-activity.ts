import { createEffect, on, onCleanup } from 'solid-js'
import type { BotLive } from '../../../graphql/documents/bots.ts'
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
