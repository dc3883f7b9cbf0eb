import { ChoiceField } from '../../../parts/ChoiceField.tsx'
import type { BotForm } from './bot-form.ts'
import { symbolOfKind } from './symbol-of-kind.ts'

export type Kind = 'SPOT' | 'FUTURES'

/** Spot or futures; the pair is kept. */
export function KindChoice(props: { form: BotForm; onKind?: (kind: Kind) => void }) {
  const choose = (kind: Kind) => {
    props.form.set('positionType', kind)
    props.form.set('symbol', symbolOfKind(props.form.values.symbol, kind))
    props.onKind?.(kind)
  }
  return (
    <ChoiceField
      label="Market type"
      name="positionType"
      value={props.form.values.positionType}
      onValue={(value) => choose(value === 'FUTURES' ? 'FUTURES' : 'SPOT')}
      error={props.form.errors.of('positionType')}
      choices={[
        { value: 'SPOT', label: 'Spot', detail: 'Buys and sells the coin itself. Long only, no leverage.' },
        {
          value: 'FUTURES',
          label: 'Futures',
          detail: 'Perpetual contracts: long or short, with leverage. A position can be liquidated.',
        },
      ]}
    />
  )
}
