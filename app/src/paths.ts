/** Every address of the app, in one place. */
export const paths = {
  signIn: '/signin',
  signUp: '/signup',
  bots: '/bots',
  newBot: '/bots/new',
  duplicateBot: (id: string) => `/bots/new?from=${encodeURIComponent(id)}`,
  bot: (id: string) => `/bots/${encodeURIComponent(id)}`,
  editBot: (id: string) => `/bots/${encodeURIComponent(id)}/edit`,
  backtests: '/backtests',
  newBacktest: '/backtests/new',
  backtestOf: (bot: string) => `/backtests/new?bot=${encodeURIComponent(bot)}`,
  backtest: (id: string) => `/backtests/${encodeURIComponent(id)}`,
  keys: '/keys',
  addKey: '/keys?add=1',
  tokens: '/tokens',
  alerts: '/alerts',
  /** A download, of the server's own. */
  exportTrades: (bot?: string) =>
    bot === undefined ? '/export/trades.csv' : `/export/trades.csv?bot=${encodeURIComponent(bot)}`,
}

/** Where to go after signing in: only paths of this app, never another site. */
export function safeNext(next: string | string[] | undefined): string {
  const path = Array.isArray(next) ? next[0] : next
  return path?.startsWith('/') && !path.startsWith('//') && !path.startsWith('/\\') ? path : paths.bots
}
