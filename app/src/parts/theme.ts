import { createSignal } from 'solid-js'

export type Theme = 'system' | 'light' | 'dark'

const storageKey = 'tradebot-theme'
const [theme, setThemeSignal] = createSignal<Theme>(readTheme())

export { theme }

/** Stored for the next visit, where public/theme.js reads it before the first paint. */
export function setTheme(next: Theme): void {
  setThemeSignal(next)
  if (next === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = next
  try {
    localStorage.setItem(storageKey, next)
  } catch (refused) {
    console.info('The theme is not remembered: this browser refuses storage.', refused)
  }
}

function readTheme(): Theme {
  const chosen = document.documentElement.dataset['theme']
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system'
}
