import { A } from '@solidjs/router'
import { For, Show } from 'solid-js'
import type { BotLive } from '../../graphql/documents/bots.ts'
import { baseOf, quoteOf } from '../../format/symbol.ts'
import { Exact, Money, NextTick, Pnl, Price } from '../../parts/Figures.tsx'
import { ModeBadge, StatusBadge } from '../../parts/StatusBadge.tsx'
import { paths } from '../../paths.ts'
import { kindNote, statusNote } from './bot-words.ts'

/** One row per bot, each cell live; a card per bot on a narrow screen. */
export function BotTable(props: { bots: readonly BotLive[] }) {
  return (
    <div class="table-box">
      <table class="table table-cards">
        <thead>
          <tr>
            <th scope="col">Bot</th>
            <th scope="col">Status</th>
            <th scope="col" class="right">
              Today
            </th>
            <th scope="col" class="right">
              Total PnL
            </th>
            <th scope="col" class="right">
              Equity
            </th>
            <th scope="col" class="right">
              Last price
            </th>
            <th scope="col">Position</th>
            <th scope="col" class="right">
              Next tick
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={props.bots}>{(bot) => <BotRow bot={bot} />}</For>
        </tbody>
      </table>
    </div>
  )
}

function BotRow(props: { bot: BotLive }) {
  const quote = () => quoteOf(props.bot.symbol)
  const note = () => statusNote(props.bot)
  return (
    <tr class="row-link" data-bot={props.bot.id}>
      <td class="cell-head">
        <A class="row-main" href={paths.bot(props.bot.id)}>
          {props.bot.name}
        </A>
        <div class="row-sub">
          <span>
            {props.bot.symbol}
            {kindNote(props.bot)} {'\u00b7'} {props.bot.timeframe} {'\u00b7'} {props.bot.exchange}
          </span>
          <ModeBadge mode={props.bot.mode} exchange={props.bot.exchange} />
        </div>
      </td>
      <td data-label="Status" class="cell-wide">
        <div class="status-cell">
          <StatusBadge status={props.bot.state.status} />
          <Show when={note()}>
            <span class="row-note" title={note()}>
              {note()}
            </span>
          </Show>
        </div>
      </td>
      <td data-label="Today" class="right">
        <Pnl value={props.bot.state.dailyPnl} currency={quote()} />
      </td>
      <td data-label="Total PnL" class="right">
        <Pnl value={props.bot.state.totalPnl} currency={quote()} />
      </td>
      <td data-label="Equity" class="right">
        <Money value={props.bot.state.equity} currency={quote()} showCurrency />
      </td>
      <td data-label="Last price" class="right">
        <Price value={props.bot.state.lastPrice} />
      </td>
      <td data-label="Position">
        <Show when={props.bot.position} fallback={<span class="none">Flat</span>}>
          {(position) => (
            <span class="position-cell">
              <span>
                {position().side === 'BUY' ? 'Long' : 'Short'}{' '}
                <Exact value={position().amount} unit={baseOf(props.bot.symbol)} />
              </span>
              <Pnl value={position().unrealizedPnl} currency={quote()} />
            </span>
          )}
        </Show>
      </td>
      <td data-label="Next tick" class="right">
        <NextTick at={props.bot.isActive ? props.bot.state.nextTickAt : null} />
      </td>
    </tr>
  )
}
