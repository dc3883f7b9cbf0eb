import { Show, createEffect, createMemo, createSignal, createUniqueId } from 'solid-js'
import { MarketsQuery, type Market } from '../../../graphql/documents/bot-form.ts'
import { useQuery } from '../../../graphql/use-query.ts'
import { formatExact } from '../../../format/decimal.ts'
import { Field } from '../../../parts/Field.tsx'
import { When } from '../../../parts/Figures.tsx'
import type { BotForm } from './bot-form.ts'
import { MarketList } from './MarketList.tsx'

/** A combobox over the exchange's markets of the chosen kind. Typing searches; what is typed counts too, and the API judges it. */
export function MarketField(props: { form: BotForm }) {
  const listId = createUniqueId()
  const [open, setOpen] = createSignal(false)
  const [active, setActive] = createSignal(-1)
  // Until something is typed the list offers all markets, not only the one that is chosen.
  const [search, setSearch] = createSignal('')
  const kind = () => props.form.values.positionType
  const query = useQuery(MarketsQuery, () => ({
    exchange: props.form.values.exchange,
    search: search() || null,
    type: kind(),
    first: 40,
  }))
  // The last answer stays until the next one comes: of another kind nothing of it is offered.
  const matches = createMemo(() => (query.data()?.markets ?? []).filter((market) => market.type === kind()))
  const chosen = () => matches().find((market) => market.symbol === props.form.values.symbol)
  createEffect(() => {
    if (open()) document.getElementById(`${listId}-${active()}`)?.scrollIntoView({ block: 'nearest' })
  })

  const choose = (market: Market) => {
    props.form.set('symbol', market.symbol)
    setSearch('')
    setOpen(false)
  }
  const move = (by: number) => {
    const last = matches().length - 1
    setOpen(true)
    setActive((now) => (now + by > last ? 0 : now + by < 0 ? last : now + by))
  }
  const press = (event: KeyboardEvent) => {
    const chosenByKey = open() ? matches()[active()] : undefined
    if (event.key === 'ArrowDown') move(1)
    else if (event.key === 'ArrowUp') move(-1)
    else if (event.key === 'Escape' && open()) setOpen(false)
    else if (event.key === 'Enter' && chosenByKey) choose(chosenByKey)
    else return
    event.preventDefault()
  }

  return (
    <Field
      label="Market"
      name="symbol"
      error={props.form.errors.of('symbol')}
      help={<MarketHelp market={chosen()} kind={kind()} problem={query.problem()?.message} />}
    >
      {(control) => (
        <div class="combobox">
          <input
            type="text"
            role="combobox"
            name="symbol"
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            id={control.id}
            aria-describedby={control['aria-describedby']}
            aria-invalid={control['aria-invalid']}
            aria-expanded={open()}
            aria-controls={listId}
            aria-activedescendant={open() && active() >= 0 ? `${listId}-${active()}` : undefined}
            value={props.form.values.symbol}
            onInput={(event) => {
              const text = event.currentTarget.value.toUpperCase()
              props.form.set('symbol', text)
              setSearch(text)
              setActive(-1)
              setOpen(true)
            }}
            onFocus={(event) => event.currentTarget.select()}
            onClick={() => setOpen(true)}
            onBlur={() => setOpen(false)}
            onKeyDown={press}
          />
          <Show when={open()}>
            <MarketList
              id={listId}
              markets={matches()}
              kind={kind()}
              chosen={props.form.values.symbol}
              active={active()}
              search={search()}
              loading={query.loading()}
              problem={query.problem()?.message}
              onChoose={choose}
            />
          </Show>
        </div>
      )}
    </Field>
  )
}

function MarketHelp(props: {
  market: Market | undefined
  kind: Market['type']
  problem: string | undefined
}) {
  const what = () => (props.kind === 'SPOT' ? 'spot markets' : 'perpetuals')
  return (
    <Show when={props.market} fallback={props.problem ?? `Type to search the ${what()} of this exchange.`}>
      {(market) => (
        <>
          Base {market().base}, quote {market().quote}
          <Show when={market().minCost}>
            {(cost) => (
              <>
                . Smallest order {formatExact(cost())} {market().quote}
              </>
            )}
          </Show>
          <Show when={market().maxLeverage}>{(most) => <>. Leverage up to {most()}x</>}</Show>.
          <Show when={market().stale}>
            {' '}
            <span class="stale">
              As known since <When at={market().updatedAt} />: the exchange could not be asked anew.
            </span>
          </Show>
        </>
      )}
    </Show>
  )
}
