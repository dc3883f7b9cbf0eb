import type { BotLive } from '../../../graphql/documents/bots.ts'

export function PriceChart(props: { bot: BotLive }) {
  return (
    <section class="panel chart" aria-label="Price">
      <h2>{props.bot.symbol}</h2>
    </section>
  )
}
