import { For } from 'solid-js'
import { Icon } from '../../../parts/Icon.tsx'
import { steps } from '../form/steps.ts'

const titles = [...steps.map((step) => step.title), 'Review']

/** Where one is in the form. Steps that were reached can be gone to again. */
export function Stepper(props: { index: number; reached: number; onStep: (index: number) => void }) {
  return (
    <nav class="stepper" aria-label="Steps">
      <p class="stepper-short">
        Step {props.index + 1} of {titles.length}
      </p>
      <ol>
        <For each={titles}>
          {(title, at) => (
            <li classList={{ done: at() < props.index, current: at() === props.index }}>
              <button
                type="button"
                disabled={at() > props.reached}
                aria-current={at() === props.index ? 'step' : undefined}
                onClick={() => props.onStep(at())}
              >
                <span class="step-mark">
                  {at() < props.index ? <Icon name="check" size={12} /> : at() + 1}
                </span>
                <span class="step-title">{title}</span>
              </button>
            </li>
          )}
        </For>
      </ol>
    </nav>
  )
}
