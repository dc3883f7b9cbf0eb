import { Show } from 'solid-js'
import { formatExact, formatMoney, formatPrice, formatSignedMoney, signOf } from '../format/decimal.ts'
import { formatDistance, formatFull, formatWhen } from '../format/time.ts'
import { now } from '../live/clock.ts'

/** An amount of money, rounded to read; all its digits are in the title. */
export function Money(props: { value: string | null | undefined; currency: string; showCurrency?: boolean }) {
  return (
    <Show when={props.value} fallback={<None />}>
      {(value) => (
        <span class="num" title={`${formatExact(value())} ${props.currency}`}>
          {formatMoney(value(), props.currency)}
          <Show when={props.showCurrency}>
            <small class="currency"> {props.currency}</small>
          </Show>
        </span>
      )}
    </Show>
  )
}

/** A gain or loss: sign and colour, never colour alone. */
export function Pnl(props: { value: string | null | undefined; currency: string; showCurrency?: boolean }) {
  return (
    <Show when={props.value} fallback={<None />}>
      {(value) => (
        <span
          class="num"
          classList={{ gain: signOf(value()) > 0, loss: signOf(value()) < 0 }}
          title={`${formatExact(value())} ${props.currency}`}
        >
          {formatSignedMoney(value(), props.currency)}
          <Show when={props.showCurrency}>
            <small class="currency"> {props.currency}</small>
          </Show>
        </span>
      )}
    </Show>
  )
}

export function Price(props: { value: string | null | undefined }) {
  return (
    <Show when={props.value} fallback={<None />}>
      {(value) => (
        <span class="num" title={formatExact(value())}>
          {formatPrice(value())}
        </span>
      )}
    </Show>
  )
}

/** All digits, grouped: amounts of coins. */
export function Exact(props: { value: string | null | undefined; unit?: string }) {
  return (
    <Show when={props.value} fallback={<None />}>
      {(value) => (
        <span class="num">
          {formatExact(value())}
          <Show when={props.unit}>
            <small class="currency"> {props.unit}</small>
          </Show>
        </span>
      )}
    </Show>
  )
}

/** A moment as clock time; the full date and zone are in the title. */
export function When(props: { at: string | null | undefined }) {
  return (
    <Show when={props.at} fallback={<None />}>
      {(at) => (
        <time class="num" dateTime={at()} title={formatFull(new Date(at()))}>
          {formatWhen(new Date(at()), now())}
        </time>
      )}
    </Show>
  )
}

/** When a bot looks again. One that is late is due, not in the past: a worker takes it up any moment. */
export function NextTick(props: { at: string | null | undefined }) {
  const due = () => props.at && new Date(props.at) <= now()
  return (
    <Show when={due()} fallback={<Distance at={props.at} />}>
      <span title={props.at ? formatFull(new Date(props.at)) : undefined}>due</span>
    </Show>
  )
}

/** How long ago: "3 s ago". Clocks differ a little, so what seems to be to come is now. */
export function Ago(props: { at: string | null | undefined }) {
  return (
    <Show when={props.at} fallback={<None />}>
      {(at) => (
        <time class="num" dateTime={at()} title={formatFull(new Date(at()))}>
          {new Date(at()) > now() ? 'now' : formatDistance(new Date(at()), now())}
        </time>
      )}
    </Show>
  )
}

/** How far away a moment is, counting: "in 12 s". */
function Distance(props: { at: string | null | undefined }) {
  return (
    <Show when={props.at} fallback={<None />}>
      {(at) => (
        <time class="num" dateTime={at()} title={formatFull(new Date(at()))}>
          {formatDistance(new Date(at()), now())}
        </time>
      )}
    </Show>
  )
}

function None() {
  return <span class="none">{'\u2013'}</span>
}
