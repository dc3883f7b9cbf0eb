import { z } from 'zod'
import { backtestResult } from '../backtest/result-shape.ts'
import { defineCommand } from '../frame/command.ts'

const text = z.string().optional()

export const backtest = defineCommand({
  name: 'backtest',
  summary: 'Run a bot over the candles of a file, by the rules by which it would trade',
  details: `Nothing else is needed: no database, no exchange. The file holds candles as openTimeMs,open,high,low,close,volume with a header line, oldest first; times in ms or ISO-8601.`,
  options: [
    ['--csv <file>', 'the candles'],
    ['--symbol <symbol>', 'the market, BASE/QUOTE or, a perpetual, BASE/QUOTE:QUOTE (default BTC/USDT)'],
    ['--timeframe <length>', "like 1m, 15m, 1h, 1d (default: the usual distance of the file's candles)"],
    ['--strategy <id>', 'EMA_RSI, EMA_CROSS, RSI_REVERSION, MACD, BOLLINGER, DONCHIAN (default EMA_RSI)'],
    [
      '--param <name=value...>',
      'a parameter of the strategy, or a setting of the bot: emaFast=12, stopLossPerc=2, maxDailyLossPerc=5, direction=SHORT, leverage=3; may be repeated',
    ],
    ['--capital <amount>', 'quote currency to begin with (default 1000)'],
    ['--size <amount>', 'quote currency of one position (default a tenth of the capital)'],
    ['--fee <percent>', 'of each fill (default 0.1)'],
    ['--slippage <percent>', 'by which each fill is worse than the price (default 0.05)'],
    ['--from <time>', 'ISO-8601; candles before it warm the strategy up'],
    ['--to <time>', 'ISO-8601'],
    ['--price-tick <step>', "the market's rule (default: any price)"],
    ['--amount-step <step>', "the market's rule (default: amounts to 8 decimals)"],
    ['--min-cost <amount>', "the market's rule (default: no minimum)"],
  ],
  examples: [
    ['tradebotctl backtest --csv candles.csv --strategy DONCHIAN', 'the figures'],
    [
      'tradebotctl backtest --csv candles.csv --param emaFast=5 stopLossPerc=3 --json',
      'trades and curve too',
    ],
  ],
  needs: 'packages',
  input: z.looseObject({
    csv: z.string('FILE is missing.'),
    symbol: text,
    timeframe: text,
    strategy: text,
    param: z.array(z.string()).optional(),
    capital: text,
    size: text,
    fee: text,
    slippage: text,
    from: text,
    to: text,
    priceTick: text,
    amountStep: text,
    minCost: text,
  }),
  result: backtestResult,
  load: () => import('../backtest/run-backtest.ts').then((module) => module.runBacktest),
})
