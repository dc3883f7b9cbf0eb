export type StepId = 'basic' | 'technical' | 'risk' | 'funds'

/** A position, a UTC day, the bot as a whole, or a single order. */
export type RiskGroup = 'position' | 'day' | 'bot' | 'order'

export type NumberSpec = {
  step: StepId
  label: string
  unit?: '%' | 's' | 'quote' | 'x'
  /** A whole number (the API's Int); else a Decimal. */
  whole?: true
  optional?: true
  advanced?: true
  /** Of the risk step: what the limit is about. */
  about?: RiskGroup
  help: string
  /** Where not always: by what is chosen elsewhere in the form. */
  shown?: (chosen: Chosen) => boolean
}

type Chosen = { mode: string; positionType: string; autoTransferFunds: boolean }

const isPaper = (chosen: Chosen) => chosen.mode === 'PAPER'
const movesFunds = (chosen: Chosen) => chosen.mode === 'LIVE' && isFutures(chosen) && chosen.autoTransferFunds
const isFutures = (chosen: Chosen) => chosen.positionType === 'FUTURES'

/** Every number of a bot's settings: where it is asked, what it is called and what it does. Ranges are the API's. */
export const numberFields = {
  checkIntervalSeconds: {
    step: 'basic',
    label: 'Check every',
    unit: 's',
    whole: true,
    advanced: true,
    help: 'How often the bot looks at the market. Stops kept by TradeBot act at this pace too.',
  },
  emaFast: {
    step: 'technical',
    label: 'Fast EMA',
    whole: true,
    help: 'Candles in the fast moving average; less than the slow one. Smaller reacts sooner, and to more noise.',
  },
  emaSlow: {
    step: 'technical',
    label: 'Slow EMA',
    whole: true,
    help: 'Candles in the slow moving average. The two crossing is the signal.',
  },
  rsiPeriod: {
    step: 'technical',
    label: 'RSI period',
    whole: true,
    help: 'Candles in the relative strength index.',
  },
  rsiOverbought: {
    step: 'technical',
    label: 'RSI overbought',
    help: 'From here on the market counts as bought too far. From 0 to 100.',
  },
  rsiOversold: {
    step: 'technical',
    label: 'RSI oversold',
    help: 'From here down the market counts as sold too far. From 0 to 100.',
  },
  leverage: {
    step: 'risk',
    about: 'position',
    label: 'Leverage',
    unit: 'x',
    whole: true,
    help: 'Multiplies the size of an entry, its gains and its losses. 1 is none.',
    shown: isFutures,
  },
  stopLossPerc: {
    step: 'risk',
    about: 'position',
    label: 'Stop loss',
    unit: '%',
    help: 'The position is closed when the price is this far against its entry. Always on.',
  },
  takeProfitPerc: {
    step: 'risk',
    about: 'position',
    label: 'Take profit',
    unit: '%',
    help: 'The position is closed when the price is this far in its favour. 0 is none.',
  },
  trailingStopPerc: {
    step: 'risk',
    about: 'position',
    label: 'Trailing stop',
    unit: '%',
    optional: true,
    help: 'The stop follows the best price since entry at this distance.',
  },
  maxDailyLossPerc: {
    step: 'risk',
    about: 'day',
    label: 'Daily loss limit',
    unit: '%',
    optional: true,
    help: "Pauses the bot for the day when realised and unrealised loss reach this share of the day's starting equity.",
  },
  dailyTargetPerc: {
    step: 'risk',
    about: 'day',
    label: 'Daily target',
    unit: '%',
    optional: true,
    help: "Pauses the bot for the day when it has gained this share of the day's starting equity.",
  },
  maxDailyTrades: {
    step: 'risk',
    about: 'day',
    label: 'Entries per day',
    whole: true,
    optional: true,
    help: 'Pauses the bot for the day after this many entries. The last position is left to its stop.',
  },
  maxDrawdownPerc: {
    step: 'risk',
    about: 'bot',
    label: 'Drawdown limit',
    unit: '%',
    optional: true,
    advanced: true,
    help: 'Pauses the bot until you resume it, when its equity falls this far below its highest.',
  },
  cooldownSeconds: {
    step: 'risk',
    about: 'bot',
    label: 'Cooldown',
    unit: 's',
    whole: true,
    optional: true,
    advanced: true,
    help: 'No new entry for this long after a stop loss.',
  },
  maxOrdersPerMinute: {
    step: 'risk',
    about: 'order',
    label: 'Orders per minute',
    whole: true,
    optional: true,
    advanced: true,
    help: 'An entry waits while this many orders were made in the last minute. Exits and stops always go out.',
  },
  priceCollarPerc: {
    step: 'risk',
    about: 'order',
    label: 'Price collar',
    unit: '%',
    optional: true,
    advanced: true,
    help: 'An entry is made at most this much worse than the price at which it was decided. Empty: 1 %.',
  },
  maxOrderValue: {
    step: 'risk',
    about: 'order',
    label: 'Largest order',
    unit: 'quote',
    optional: true,
    advanced: true,
    help: 'A safety net: an entry worth more than this is not sent.',
  },
  initialCapital: {
    step: 'funds',
    label: 'Capital of this bot',
    unit: 'quote',
    help: 'Its equity starts here; gains and losses are counted from it. Limits in percent refer to it.',
  },
  positionSizeFixed: {
    step: 'funds',
    label: 'Size of an entry',
    unit: 'quote',
    help: 'What each entry is made with, before leverage. At most the capital.',
  },
  paperFeePerc: {
    step: 'funds',
    label: 'Simulated fee',
    unit: '%',
    advanced: true,
    help: 'Taken from each paper fill, as an exchange would.',
    shown: isPaper,
  },
  paperSlippagePerc: {
    step: 'funds',
    label: 'Simulated slippage',
    unit: '%',
    advanced: true,
    help: 'Each paper fill is this much worse than the current price.',
    shown: isPaper,
  },
  transferAmount: {
    step: 'funds',
    label: 'Transfer amount',
    unit: 'quote',
    help: 'Moved from your spot wallet to your futures wallet when an entry lacks margin, at most once per entry.',
    shown: movesFunds,
  },
} as const satisfies Record<string, NumberSpec>

export type NumberField = keyof typeof numberFields

/** The same, typed alike for each field: what loops over them reads. */
export const numberSpecs: Record<NumberField, NumberSpec> = numberFields

/** The number fields of a step, in the order in which they are asked. */
export function numberFieldsOf(step: StepId, advanced: boolean): NumberField[] {
  return allNumberFields.filter(
    (name) => numberSpecs[name].step === step && (numberSpecs[name].advanced ?? false) === advanced,
  )
}

/** The numbers of the risk step that are about the same. */
export function riskFieldsAbout(group: RiskGroup): NumberField[] {
  return allNumberFields.filter((name) => numberSpecs[name].about === group)
}

const isNumberField = (name: string): name is NumberField => name in numberFields
export const allNumberFields: readonly NumberField[] = Object.keys(numberFields).filter(isNumberField)
