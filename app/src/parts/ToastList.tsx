import { For } from 'solid-js'
import { Icon } from './Icon.tsx'
import { dismissToast, toasts } from './toasts.ts'

/** Read out politely by screen readers, above all else on the page. */
export function ToastList() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      <For each={toasts()}>
        {(toast) => (
          <div class={`toast toast-${toast.tone}`}>
            <Icon name={toast.tone === 'ok' ? 'check' : toast.tone === 'danger' ? 'alert' : 'info'} />
            <p>{toast.message}</p>
            <button
              type="button"
              class="icon-button"
              aria-label="Dismiss"
              onClick={() => dismissToast(toast.id)}
            >
              <Icon name="close" />
            </button>
          </div>
        )}
      </For>
    </div>
  )
}
