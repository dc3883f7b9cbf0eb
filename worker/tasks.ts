import type { JobName } from '#trading/jobs/jobs.ts'
import type { Handlers } from './job.ts'
import { askExchanges } from './tasks/ask-exchanges.ts'
import { executeOrder } from './tasks/execute-order.ts'
import { executeTransfer } from './tasks/execute-transfer.ts'
import { fetchCandles } from './tasks/fetch-candles.ts'
import { probeKey } from './tasks/probe-key.ts'
import { reactivateBots } from './tasks/reactivate-bots.ts'
import { reconcileAccount } from './tasks/reconcile-account.ts'
import { reconcileForPerson } from './tasks/reconcile-for-person.ts'
import { refreshMarkets } from './tasks/refresh-markets.ts'
import { runBacktest } from './tasks/run-backtest.ts'
import { runBot } from './tasks/run-bot.ts'
import { settleOrder } from './tasks/settle-order.ts'
import { settleTransfer } from './tasks/settle-transfer.ts'
import { sweepProfit } from './tasks/sweep-profit.ts'

/** Which function does which job. */
export const handlers: Handlers = {
  run_bot: runBot,
  execute_order: executeOrder,
  settle_order: settleOrder,
  execute_transfer: executeTransfer,
  settle_transfer: settleTransfer,
  sweep_profit: sweepProfit,
  refresh_markets: refreshMarkets,
  fetch_candles: fetchCandles,
  probe_key: probeKey,
  reconcile_account: reconcileAccount,
  reconcile_for_person: reconcileForPerson,
  ask_exchanges: askExchanges,
  run_backtest: runBacktest,
  reactivate_bots_after_reset: reactivateBots,
}

/** Jobs that talk to an account; they have slots of their own, so that no crowd of ticks delays an exit. */
export const orderJobs: readonly JobName[] = [
  'execute_order',
  'settle_order',
  'execute_transfer',
  'settle_transfer',
]

export const otherJobs: readonly JobName[] = [
  'run_bot',
  'sweep_profit',
  'refresh_markets',
  'fetch_candles',
  'probe_key',
  'ask_exchanges',
  'reconcile_account',
  'reconcile_for_person',
  'reactivate_bots_after_reset',
]

/** Long work, one job at a time, in a runner of its own. */
export const backtestJobs: readonly JobName[] = ['run_backtest']
