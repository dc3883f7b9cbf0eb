import type { JSX } from 'solid-js'
import { Icon, type IconName } from './Icon.tsx'

type Tone = 'info' | 'warn' | 'danger' | 'ok'
const icons: Record<Tone, IconName> = { info: 'info', warn: 'pause', danger: 'alert', ok: 'check' }

/** A sentence or two in a box that stays, with what to do about it. */
export function Notice(props: { tone: Tone; icon?: IconName; action?: JSX.Element; children: JSX.Element }) {
  return (
    <div class={`notice notice-${props.tone}`} role={props.tone === 'danger' ? 'alert' : 'status'}>
      <Icon name={props.icon ?? icons[props.tone]} />
      <div class="notice-text">{props.children}</div>
      {props.action}
    </div>
  )
}
