import type { Timing } from '#trading/config/env.ts'

/** What the adapters need of the process' settings; an `Env` is one. */
export type ExchangeSettings = {
  /** By exchange id: scheme, host and port that replace the venue's own. */
  exchangeUrls: Record<string, string>
  timing: Pick<Timing, 'httpTimeoutMs' | 'recvWindowMs' | 'sendBudgetMs' | 'settleSkewMs'>
}
