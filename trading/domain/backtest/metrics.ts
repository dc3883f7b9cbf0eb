/** What a backtest is judged by. Percentages are of 100; null where there is nothing to compute from. */
export type CurveFigures = {
  returnPerc: number
  /** The deepest fall below an earlier height, in percent of that height. */
  maxDrawdownPerc: number
  sharpe: number | null
}

/** Equity at the closes of candles, oldest first. */
export type Equities = { closeTime: Float64Array; equity: Float64Array }

/** Crypto markets trade on every day of the year. */
const DAYS_A_YEAR = 365

/** Figures of an equity curve that began with `capital`. */
export function curveFigures(capital: number, curve: Equities): CurveFigures {
  const last = curve.equity.at(-1) ?? capital
  return {
    returnPerc: (last / capital - 1) * 100,
    maxDrawdownPerc: maxDrawdownPerc(capital, curve.equity),
    sharpe: sharpeRatio(capital, curve),
  }
}

/** The deepest fall from a peak (the capital is the first one), in percent of the peak. */
export function maxDrawdownPerc(capital: number, equity: Float64Array): number {
  let peak = capital
  let deepest = 0
  for (let index = 0; index < equity.length; index++) {
    const value = equity[index] ?? 0
    if (value > peak) peak = value
    else if (peak > 0) deepest = Math.max(deepest, (peak - value) / peak)
  }
  return deepest * 100
}

/**
 * Sharpe ratio of daily returns, annualised: mean(r) / s(r) × √365, r being a UTC day's equity at its end over the day before's less one,
 * s the sample standard deviation (n − 1), the riskless rate taken as 0. A day ends with the last candle that closed at or before its
 * midnight; the first is measured from the capital, and a day without candles is a return of 0. Null with fewer than two days, or where
 * nothing ever moved.
 * W. F. Sharpe, "The Sharpe Ratio", Journal of Portfolio Management 21 (1994); √periods: A. W. Lo, "The Statistics of Sharpe Ratios",
 * Financial Analysts Journal 58 (2002), eq. 18 for returns without serial correlation.
 */
export function sharpeRatio(capital: number, curve: Equities): number | null {
  const returns = dailyReturns(capital, curve)
  const count = returns.length
  if (count < 2) return null
  const mean = returns.reduce((sum, value) => sum + value, 0) / count
  const variance = returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1)
  const deviation = Math.sqrt(variance)
  return deviation > 0 ? (mean / deviation) * Math.sqrt(DAYS_A_YEAR) : null
}

const DAY_MS = 86_400_000

/** One return a UTC day; what closes at midnight belongs to the day that ends with it. */
export function dailyReturns(capital: number, { closeTime, equity }: Equities): number[] {
  const returns: number[] = []
  let before = capital
  let day: number | null = null
  let end = capital
  const endDay = () => {
    returns.push(before === 0 ? 0 : end / before - 1)
    before = end
  }
  for (let index = 0; index < closeTime.length; index++) {
    const itsDay = Math.ceil((closeTime[index] ?? 0) / DAY_MS) - 1
    if (day !== null && itsDay !== day) {
      endDay()
      for (let quiet = day + 1; quiet < itsDay; quiet++) returns.push(0)
    }
    day = itsDay
    end = equity[index] ?? end
  }
  if (day !== null) endDay()
  return returns
}

export type TradeOutcome = { profit: number }

/** Share of closed trades with a profit, in percent; null without any. */
export function winRatePerc(trades: readonly TradeOutcome[]): number | null {
  if (trades.length === 0) return null
  return (trades.filter(({ profit }) => profit > 0).length / trades.length) * 100
}

/** What the winners made over what the losers lost; null without a loser, for it would be without end. */
export function profitFactor(trades: readonly TradeOutcome[]): number | null {
  const won = trades.reduce((sum, { profit }) => sum + Math.max(profit, 0), 0)
  const lost = trades.reduce((sum, { profit }) => sum + Math.max(-profit, 0), 0)
  return lost > 0 ? won / lost : null
}
