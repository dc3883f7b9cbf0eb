import { createEffect, type JSX } from 'solid-js'
import type { BotForm } from './bot-form.ts'

/** Settings that a newcomer need not see. Opens by itself when one of them is marked. */
export function Advanced(props: { form: BotForm; fields: readonly string[]; children: JSX.Element }) {
  let details: HTMLDetailsElement | undefined
  createEffect(() => {
    if (details && props.fields.some((field) => props.form.errors.of(field))) details.open = true
  })
  return (
    <details class="advanced" ref={(element) => (details = element)}>
      <summary>Advanced settings</summary>
      <div class="advanced-body">{props.children}</div>
    </details>
  )
}
