import { Show, createEffect, createUniqueId, type JSX } from 'solid-js'

/** The platform's modal dialog: focus stays inside, Escape closes, focus returns to where it was. */
export function Dialog(props: {
  open: boolean
  title: string
  onClose: () => void
  children: JSX.Element
  wide?: boolean
}) {
  const id = createUniqueId()
  let element: HTMLDialogElement | undefined
  createEffect(() => {
    if (props.open) element?.showModal()
    else element?.close()
  })
  return (
    <dialog
      ref={(dialog) => (element = dialog)}
      class="dialog"
      classList={{ 'dialog-wide': props.wide }}
      aria-labelledby={id}
      onClose={() => props.open && props.onClose()}
      onClick={(event) => event.target === element && props.onClose()}
    >
      <Show when={props.open}>
        <div class="dialog-body">
          <h2 id={id}>{props.title}</h2>
          {props.children}
        </div>
      </Show>
    </dialog>
  )
}
