import type { BotConfig, Direction, OrderSide } from './bot.ts'
import { BOT_RANGES, inRange } from './bot-config.ts'
import type { ValidationIssue } from './errors.ts'
import { liquidationDistancePerc } from './futures.ts'
import type { FuturesRules, Market } from './market.ts'
import { Decimal, plain } from './money.ts'

type Stopped = Pick<BotConfig, 'direction' | 'leverage' | 'stopLossPerc'>

const SIDES: Record<Direction, readonly [OrderSide, ...OrderSide[]]> = {
  LONG: ['BUY'],
  SHORT: ['SELL'],
  BOTH: ['BUY', 'SELL'],
}

/** What keeps a leverage out of this very market: its own highest, else a stop loss that lies beyond liquidation. */
export function leverageIssues(
  config: Stopped,
  market: Pick<Market, 'type' | 'exchange' | 'symbol' | 'maxLeverage' | 'futures'>,
): ValidationIssue[] {
  const { leverage } = config
  const { type, exchange, symbol, maxLeverage, futures } = market
  if (type !== 'FUTURES') return []
  if (maxLeverage !== null && leverage > maxLeverage) {
    const message = `leverage must be at most ${maxLeverage} for ${symbol} on ${exchange}; it is ${leverage}.`
    return [{ path: ['leverage'], message }]
  }
  // Of one that no market has, the range has told.
  if (futures === undefined || !inRange(new Decimal(leverage), BOT_RANGES.leverage)) return []
  return liquidationIssues(config, futures)
}

/**
 * Why the stop loss would come too late: the exchange takes a leveraged position away before the price is there. Of both sides the nearer
 * liquidation counts. The sentence names both percentages and both ways out.
 */
export function liquidationIssues(config: Stopped, rules: FuturesRules): ValidationIssue[] {
  const { stopLossPerc, leverage } = config
  const nearest = nearestLiquidation(config, leverage, rules)
  if (stopLossPerc.lt(nearest.distance)) return []
  // Cut, not rounded: what the sentence says must be taken when it is followed.
  const shown = Decimal.max(nearest.distance, 0).toDecimalPlaces(4, Decimal.ROUND_DOWN)
  const lower = highestLeverage(config, rules)
  const ways = [
    ...(shown.gt(0) ? [`lower stopLossPerc below ${plain(shown)}`] : []),
    ...(lower === null ? [] : [`leverage to at most ${lower}`]),
  ]
  const side = nearest.side === 'BUY' ? 'long' : 'short'
  return [
    {
      path: ['stopLossPerc'],
      message: `stopLossPerc ${plain(stopLossPerc)} lies beyond liquidation: at leverage ${leverage} the exchange liquidates a ${side} position ${plain(shown)} % from its entry, before the stop loss. ${sentence(ways)}`,
    },
  ]
}

/** The highest leverage at which the stop loss comes before liquidation; null where not even 1 does. */
function highestLeverage(config: Stopped, rules: FuturesRules): number | null {
  for (let leverage = config.leverage - 1; leverage >= 1; leverage--) {
    if (config.stopLossPerc.lt(nearestLiquidation(config, leverage, rules).distance)) return leverage
  }
  return null
}

function nearestLiquidation({ direction }: Stopped, leverage: number, rules: FuturesRules) {
  return SIDES[direction]
    .map((side) => ({ side, distance: liquidationDistancePerc(side, leverage, rules) }))
    .reduce((nearest, other) => (other.distance.lt(nearest.distance) ? other : nearest))
}

function sentence(ways: readonly string[]): string {
  const text = ways.length === 0 ? 'lower both leverage and stopLossPerc' : ways.join(' or ')
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
