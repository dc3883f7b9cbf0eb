/** How a value is written: Decimal as a string, so that no digit is lost. */
export type FieldKind = 'text' | 'decimal' | 'whole' | 'flag' | 'params'

export type ConfigField = {
  kind: FieldKind
  help: string
  /** A value that works, for what a bot must have; absent: it may be left out. */
  example?: string
  /** What stands where it is left out; absent: off. */
  fallback?: string
}

/** Every setting of a bot by its name in the API (CreateBotInput); a test compares the two. */
export const CONFIG_FIELDS = {
  name: { kind: 'text', help: 'what people call it', example: 'My first bot' },
  exchange: { kind: 'text', help: 'sandbox (play money), binance, bybit, okx, kraken …', example: 'sandbox' },
  symbol: {
    kind: 'text',
    help: 'the market: BASE/QUOTE, or of a perpetual BASE/QUOTE:QUOTE',
    example: 'BTC/USDT',
  },
  timeframe: { kind: 'text', help: 'of its candles: 1m, 15m, 1h, 1d …', example: '1m' },
  mode: { kind: 'text', help: 'PAPER, or LIVE (with apiKeyId)', fallback: 'PAPER' },
  apiKeyId: { kind: 'text', help: 'which of your API keys a LIVE bot trades with' },
  initialCapital: { kind: 'decimal', help: 'in quote currency', example: '1000' },
  positionSizeFixed: { kind: 'decimal', help: 'of an entry, in quote currency', example: '100' },
  stopLossPerc: { kind: 'decimal', help: 'percent of the entry price', example: '2' },
  takeProfitPerc: { kind: 'decimal', help: 'percent of the entry price; 0 is none', example: '4' },
  trailingStopPerc: { kind: 'decimal', help: 'distance at which the stop follows the best price' },
  strategy: { kind: 'text', help: 'when it enters and leaves', fallback: 'EMA_RSI' },
  strategyParams: { kind: 'params', help: 'its parameters: [{"name": "…", "value": "…"}]' },
  emaFast: { kind: 'whole', help: 'candles of the fast average', fallback: '12' },
  emaSlow: { kind: 'whole', help: 'candles of the slow average', fallback: '26' },
  rsiPeriod: { kind: 'whole', help: 'candles of the RSI', fallback: '14' },
  rsiOverbought: { kind: 'decimal', help: 'of 100', fallback: '70' },
  rsiOversold: { kind: 'decimal', help: 'of 100', fallback: '30' },
  positionType: { kind: 'text', help: 'SPOT, or FUTURES for a perpetual', fallback: 'SPOT' },
  direction: { kind: 'text', help: 'LONG; SHORT or BOTH with FUTURES', fallback: 'LONG' },
  leverage: { kind: 'whole', help: 'of FUTURES', fallback: '1' },
  dailyTargetPerc: { kind: 'decimal', help: 'pauses for the day at this profit' },
  maxDailyLossPerc: { kind: 'decimal', help: 'pauses for the day at this loss' },
  maxDailyTrades: { kind: 'whole', help: 'entries in a UTC day at most' },
  onDailyLimit: { kind: 'text', help: 'an open position then: KEEP or CLOSE', fallback: 'KEEP' },
  resumeNextDay: { kind: 'flag', help: 'false: only a person ends a pause of the day', fallback: 'true' },
  maxDrawdownPerc: { kind: 'decimal', help: 'pauses for good when equity falls so far below its highest' },
  cooldownSeconds: { kind: 'whole', help: 'no entry for so long after a stop loss' },
  maxOrderValue: { kind: 'decimal', help: 'of one order at most, in quote currency' },
  maxOrdersPerMinute: { kind: 'whole', help: 'orders in a minute at most' },
  priceCollarPerc: { kind: 'decimal', help: 'an entry buys no further from the price than this' },
  checkIntervalSeconds: { kind: 'whole', help: 'how often the bot looks', fallback: '30' },
  paperFeePerc: { kind: 'decimal', help: 'of each PAPER fill', fallback: '0.1' },
  paperSlippagePerc: { kind: 'decimal', help: 'by which a PAPER fill is worse', fallback: '0.05' },
  transferAmount: { kind: 'decimal', help: 'what autoTransferFunds moves for an entry' },
  autoTransferFunds: {
    kind: 'flag',
    help: 'LIVE FUTURES: moves margin from the spot wallet where it lacks',
    fallback: 'false',
  },
} as const satisfies Record<string, ConfigField>

export const CONFIG_NAMES: readonly string[] = Object.keys(CONFIG_FIELDS)

export function configField(name: string): ConfigField | undefined {
  return Object.entries(CONFIG_FIELDS).find(([known]) => known === name)?.[1]
}
