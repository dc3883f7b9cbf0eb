import { useNavigate } from '@solidjs/router'
import { For } from 'solid-js'
import { SignOutMutation, type Viewer } from '../graphql/documents/session.ts'
import { runMutation } from '../graphql/run-mutation.ts'
import { Icon, type IconName } from '../parts/Icon.tsx'
import { setTheme, theme, type Theme } from '../parts/theme.ts'
import { paths } from '../paths.ts'
import { endSession } from '../session/session.ts'

const themes: readonly { value: Theme; label: string; icon: IconName }[] = [
  { value: 'system', label: 'System', icon: 'screen' },
  { value: 'light', label: 'Light', icon: 'sun' },
  { value: 'dark', label: 'Dark', icon: 'moon' },
]

export function AccountMenu(props: { viewer: Viewer }) {
  const navigate = useNavigate()
  let menu: HTMLDetailsElement | undefined
  const close = (event: FocusEvent) => {
    const to = event.relatedTarget
    if (menu && !(to instanceof Node && menu.contains(to))) menu.open = false
  }
  const signOut = async () => {
    const done = await runMutation(SignOutMutation, {})
    if (!done) return
    endSession()
    navigate(paths.signIn)
  }
  return (
    <details
      class="menu"
      ref={(element) => (menu = element)}
      onFocusOut={close}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && menu) menu.open = false
      }}
    >
      <summary aria-label={`Account ${props.viewer.username}`}>
        <Icon name="user" />
        <span class="menu-name">{props.viewer.username}</span>
        <Icon name="down" size={12} />
      </summary>
      <div class="menu-panel" tabIndex={-1}>
        <p class="menu-who">
          Signed in as <strong>{props.viewer.email}</strong>
        </p>
        <fieldset class="segmented">
          <legend>Theme</legend>
          <For each={themes}>
            {(one) => (
              <label classList={{ on: theme() === one.value }}>
                <input
                  type="radio"
                  name="theme"
                  class="visually-hidden"
                  checked={theme() === one.value}
                  onChange={() => setTheme(one.value)}
                />
                <Icon name={one.icon} size={14} />
                {one.label}
              </label>
            )}
          </For>
        </fieldset>
        <a class="menu-item" href="/graphql" rel="external">
          GraphQL console
        </a>
        <button type="button" class="menu-item" onClick={() => void signOut()}>
          Sign out
        </button>
      </div>
    </details>
  )
}
