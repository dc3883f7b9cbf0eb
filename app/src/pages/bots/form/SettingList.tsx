import { For } from 'solid-js'
import type { Setting } from './settings.ts'

export function SettingList(props: { settings: readonly Setting[] }) {
  return (
    <dl class="settings">
      <For each={props.settings}>
        {(setting) => (
          <div>
            <dt>{setting.label}</dt>
            <dd>{setting.value}</dd>
          </div>
        )}
      </For>
    </dl>
  )
}
