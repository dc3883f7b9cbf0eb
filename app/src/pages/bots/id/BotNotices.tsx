import { Match, Show, Switch } from 'solid-js'
import type { BotLive } from '../../../graphql/documents/bots.ts'
import { Notice } from '../../../parts/Notice.tsx'
import { leftWords, pauseSentence } from '../bot-words.ts'

/** What a person should know about the bot's state before anything else. */
export function BotNotices(props: { bot: BotLive }) {
  const state = () => props.bot.state
  const guarded = () =>
    props.bot.position
      ? 'Its open position is still guarded by stop loss and take profit.'
      : 'It holds no position.'
  /** The pause's own sentence, unless something comes before it: a missing worker, a halt. */
  const finding = () => {
    const because = props.bot.notTradingBecause
    return because?.code === 'BOT_PAUSED' ? because.message : undefined
  }
  return (
    <>
      <Show when={state().closing}>
        <Notice tone="info" icon="clock">
          <p>
            <strong>Closing its position.</strong> It is {leftWords(props.bot)} at the market price; the order
            shows below.
          </p>
        </Notice>
      </Show>
      <Switch>
        <Match when={state().status === 'PAUSED' && state().pauseReason === 'RECONCILIATION'}>
          <Notice tone="danger" icon="alert">
            <p>
              <strong>{finding() ?? 'Paused: the books and the exchange do not agree.'}</strong> {guarded()}
            </p>
            <p>
              Somebody, or another program, may have traded on this account, or an order was found late.{' '}
              <Show when={finding() === undefined}>The event of the pause says what was seen. </Show>
              Sell or keep at the exchange what the bot does not know of. When they agree, resume it, or stop
              it.
            </p>
          </Notice>
        </Match>
        <Match when={state().status === 'PAUSED'}>
          <Notice tone="warn">
            <p>
              <strong>Paused: no new entries.</strong> {guarded()}
            </p>
            <p>{pauseSentence(state().pauseReason)}</p>
          </Notice>
        </Match>
        <Match when={state().status === 'ERROR'}>
          <Notice tone="danger">
            <p>
              <strong>{state().errorMessage ?? 'The bot cannot go on.'}</strong>
            </p>
            <p>
              Mend the cause, stop the bot, then start it again.
              <Show when={state().errorCode}>
                {' '}
                Code: <code>{state().errorCode}</code>
              </Show>
            </p>
          </Notice>
        </Match>
        <Match when={state().status === 'PENDING'}>
          <Notice tone="info" icon="clock">
            <p>
              <strong>Starting.</strong>{' '}
              {state().errorMessage
                ? `${state().errorMessage} It tries again by itself.`
                : 'A worker checks the market and the key. This takes a moment.'}
            </p>
          </Notice>
        </Match>
        <Match when={state().status === 'STOPPED' && props.bot.position && !state().closing}>
          <Notice tone="warn" icon="shield">
            <p>
              <strong>Stopped with an open position.</strong> TradeBot no longer guards it
              {props.bot.position?.protectedAtExchange
                ? ', but a stop order rests at the exchange.'
                : '.'}{' '}
              Start the bot to guard it again, or stop it with "close" to leave it.
            </p>
          </Notice>
        </Match>
      </Switch>
      <Show when={isTold(props.bot) && state().noticeMessage}>
        {(message) => (
          <Notice tone="warn" icon="info">
            <p data-testid="denial">
              <strong>
                {state().notice === 'DATA_STALE' ? 'No decisions now.' : 'The last entry was denied.'}
              </strong>{' '}
              {sentence(message())} <code>{state().notice}</code>
            </p>
          </Notice>
        )}
      </Show>
    </>
  )
}

/** What the ladder's answer says already is not said twice. */
function isTold({ state, notTradingBecause }: BotLive): boolean {
  return state.notice !== null && state.status === 'RUNNING' && notTradingBecause?.code !== state.notice
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}
