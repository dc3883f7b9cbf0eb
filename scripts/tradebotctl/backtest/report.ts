import type { BacktestResult } from '#trading/domain/backtest/result.ts'
import type { BotConfig } from '#trading/domain/bot.ts'
import type { Market } from '#trading/domain/market.ts'
import type { Decimal } from '#trading/domain/money.ts'

/** The figures of a backtest for a terminal. */
export function reportOf({ figures }: BacktestResult, config: BotConfig, market: Market): string {
  // Thousands of USDT and thousandths of BTC alike.
  const digits = figures.initialCapital.gte(100) ? 2 : 8
  const money = (value: Decimal) => `${value.toFixed(digits)} ${market.quote}`
  const percent = (value: number | null) => (value === null ? '–' : `${value.toFixed(2)} %`)
  const ratio = (value: number | null) => (value === null ? '–' : value.toFixed(2))
  const rows: [string, string][] = [
    ['Bot', `${config.strategy} on ${config.symbol} ${config.timeframe}`],
    ['Time', `${figures.from.toISOString()} to ${figures.to.toISOString()}`],
    [
      'Candles',
      `${figures.candles.toLocaleString('en')}${figures.gaps === 0 ? '' : `, ${figures.gaps} gaps`}`,
    ],
    ['Capital', money(figures.initialCapital)],
    ['Equity', money(figures.finalEquity)],
    ['Return', percent(figures.returnPerc)],
    [
      'Buy and hold',
      `${percent(figures.buyAndHoldPerc)}, drawdown ${percent(figures.buyAndHoldDrawdownPerc)}`,
    ],
    ['Max drawdown', percent(figures.maxDrawdownPerc)],
    ['Sharpe', ratio(figures.sharpe)],
    ['Trades', `${figures.trades}${figures.openTrades === 0 ? '' : ', and one still open'}`],
    ['Win rate', percent(figures.winRatePerc)],
    ['Profit factor', ratio(figures.profitFactor)],
    ['Exposure', percent(figures.exposurePerc)],
    ['Fees', money(figures.fees)],
    ...(figures.pauseReason === null ? [] : [['Paused', figures.pauseReason] satisfies [string, string]]),
    ...figures.notes.map((note): [string, string] => ['Note', note]),
  ]
  return rows.map(([name, value]) => `${name.padEnd(14)}${value}`).join('\n')
}
