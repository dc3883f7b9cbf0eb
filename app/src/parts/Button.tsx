import { Show, splitProps, type JSX } from 'solid-js'
import { Icon, type IconName } from './Icon.tsx'

type ButtonProps = {
  kind?: 'primary' | 'secondary' | 'danger' | 'quiet'
  icon?: IconName
  busy?: boolean
  /** Set: the button cannot be used now, and this says why. It stays focusable, so that the reason can be read. */
  whyNot?: string | undefined
  small?: boolean
  children?: JSX.Element
} & Omit<JSX.ButtonHTMLAttributes<HTMLButtonElement>, 'onClick'> & { onClick?: (event: MouseEvent) => void }

export function Button(props: ButtonProps) {
  const [own, rest] = splitProps(props, [
    'kind',
    'icon',
    'busy',
    'whyNot',
    'small',
    'children',
    'onClick',
    'class',
  ])
  const refuses = () => own.busy || own.whyNot !== undefined
  const press = (event: MouseEvent) => {
    if (refuses()) event.preventDefault()
    else own.onClick?.(event)
  }
  return (
    <button
      type="button"
      {...rest}
      class={`button button-${own.kind ?? 'secondary'} ${own.class ?? ''}`}
      classList={{ 'button-small': own.small, 'button-busy': own.busy }}
      aria-disabled={refuses() ? 'true' : undefined}
      aria-busy={own.busy ? 'true' : undefined}
      aria-description={own.whyNot}
      data-tip={own.whyNot}
      onClick={press}
    >
      <Show when={own.busy} fallback={<Show when={own.icon}>{(name) => <Icon name={name()} />}</Show>}>
        <span class="spinner" aria-hidden="true" />
      </Show>
      {own.children}
    </button>
  )
}
