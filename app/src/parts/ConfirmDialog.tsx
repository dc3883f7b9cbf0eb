import { Show, type JSX } from 'solid-js'
import { Button } from './Button.tsx'
import { Dialog } from './Dialog.tsx'
import { Notice } from './Notice.tsx'

/** Asks before something that is not easily undone. Cancel has the focus. */
export function ConfirmDialog(props: {
  open: boolean
  title: string
  action: string
  busy: boolean
  /** Set: it cannot be confirmed yet, and this says why. */
  whyNot?: string | undefined
  error?: string | undefined
  onConfirm: () => void
  onClose: () => void
  children: JSX.Element
}) {
  return (
    <Dialog open={props.open} title={props.title} onClose={() => props.onClose()}>
      {props.children}
      <Show when={props.error}>
        {(message) => (
          <Notice tone="danger">
            <p>{message()}</p>
          </Notice>
        )}
      </Show>
      <div class="dialog-actions">
        <Button autofocus onClick={() => props.onClose()}>
          Cancel
        </Button>
        <Button kind="danger" busy={props.busy} whyNot={props.whyNot} onClick={() => props.onConfirm()}>
          {props.action}
        </Button>
      </div>
    </Dialog>
  )
}
