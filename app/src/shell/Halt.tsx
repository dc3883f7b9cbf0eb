import { Show, createSignal } from 'solid-js'
import { HaltTradingMutation, ResumeTradingMutation, type Viewer } from '../graphql/documents/session.ts'
import { runMutation } from '../graphql/run-mutation.ts'
import { Button } from '../parts/Button.tsx'
import { CheckField } from '../parts/CheckField.tsx'
import { Dialog } from '../parts/Dialog.tsx'
import { When } from '../parts/Figures.tsx'
import { Icon } from '../parts/Icon.tsx'
import { showToast } from '../parts/toasts.ts'
import { updateViewer } from '../session/session.ts'

/** Stops every bot from opening or growing a position; asked once, for it cuts across all of them. */
export function HaltButton(props: { viewer: Viewer }) {
  const [open, setOpen] = createSignal(false)
  const [closePositions, setClosePositions] = createSignal(false)
  const [busy, setBusy] = createSignal(false)
  const halt = async () => {
    setBusy(true)
    const done = await runMutation(HaltTradingMutation, { closePositions: closePositions() })
    setBusy(false)
    if (!done) return
    updateViewer(done.haltTrading)
    setOpen(false)
    showToast({ tone: 'info', message: 'Trading is halted. No bot opens or grows a position.' })
  }
  return (
    <Show when={!props.viewer.haltedAt}>
      <Button icon="hand" kind="quiet" small class="halt-button" onClick={() => setOpen(true)}>
        Halt trading
      </Button>
      <Dialog open={open()} title="Halt all trading?" onClose={() => setOpen(false)}>
        <p>
          No bot of yours opens or grows a position until you resume. Open positions stay guarded by their
          stops, and every bot keeps its status.
        </p>
        <CheckField
          label="Also close all open positions at the market price"
          checked={closePositions()}
          onChecked={setClosePositions}
        />
        <div class="dialog-actions">
          <Button autofocus onClick={() => setOpen(false)}>
            Cancel
          </Button>
          <Button kind="danger" busy={busy()} onClick={() => void halt()}>
            Halt trading
          </Button>
        </div>
      </Dialog>
    </Show>
  )
}

export function HaltBanner(props: { viewer: Viewer }) {
  const [busy, setBusy] = createSignal(false)
  const resume = async () => {
    setBusy(true)
    const done = await runMutation(ResumeTradingMutation, {})
    setBusy(false)
    if (done) updateViewer(done.resumeTrading)
  }
  return (
    <Show when={props.viewer.haltedAt}>
      {(haltedAt) => (
        <div class="banner banner-danger" role="status">
          <Icon name="hand" />
          <span>
            <strong>Trading is halted</strong> since <When at={haltedAt()} />. No bot opens or grows a
            position; open positions stay guarded.
          </span>
          <Button small busy={busy()} onClick={() => void resume()}>
            Resume trading
          </Button>
        </div>
      )}
    </Show>
  )
}
