import { Icon } from '../../parts/Icon.tsx'
import { paths } from '../../paths.ts'

/** All trades as a CSV file: of one bot, or of every bot that there is or was. The server streams it. */
export function ExportTrades(props: { bot?: string }) {
  return (
    <a
      class="button button-secondary"
      href={paths.exportTrades(props.bot)}
      rel="external"
      download=""
      title={
        props.bot === undefined
          ? 'Trades of all bots, deleted ones too, as CSV'
          : 'All trades of this bot as CSV'
      }
    >
      <Icon name="download" />
      Export trades
    </a>
  )
}
