import { aBot, aMarket, aPerpetual, aState, CROSSING_DOWN, CROSSING_UP, signalsOf } from '../bot.fixture.ts'
import type { Bot, BotState, OrderSide } from '../bot.ts'
import { decimal, ZERO } from '../money.ts'
import type { Position } from '../position.ts'
import type { StartFacts, TickInput } from './types.ts'

export const NOW = new Date('2026-11-22T12:00:00.000Z')
export const later = (ms: number) => new Date(NOW.getTime() + ms)
/** The newest closed candle closed 5 s ago. */
export const LAST_OPEN = later(-65_000)

type Overrides = Omit<Partial<TickInput>, 'bot' | 'state'> & { bot?: Partial<Bot>; state?: Partial<BotState> }

/** A RUNNING bot, flat, with fresh data that gives no signal at 1,000. */
export function anInput({ bot, state, ...more }: Overrides = {}): TickInput {
  return {
    now: NOW,
    bot: aBot(bot),
    state: aState({ startedAt: later(-3_600_000), nextTickAt: NOW, ...state }),
    position: null,
    unsettled: null,
    stop: null,
    day: {
      day: '2026-11-22',
      startEquity: decimal(1000),
      realizedPnl: ZERO,
      unrealizedPnl: ZERO,
      fees: ZERO,
      funding: ZERO,
      tradeCount: 0,
    },
    halted: false,
    market: aMarket(),
    data: calm(),
    start: null,
    ordersLastMinute: 0,
    ...more,
  }
}

const view = (closes: readonly number[], price: number, lastOpen = LAST_OPEN) => ({
  signals: signalsOf(closes, lastOpen),
  lastPrice: decimal(price),
  ageMs: 500,
})
export const calm = (price = 1000) => view(CROSSING_UP.slice(0, -1), price)
export const crossingUp = (price = 1020, lastOpen = LAST_OPEN) => view(CROSSING_UP, price, lastOpen)
export const crossingDown = (price = 980) => view(CROSSING_DOWN, price)

/** 0.1 BTC bought at 1,000; with the standard rules its stop is at 980 and its take profit at 1,040. */
export function held(more: Partial<Position> = {}): Position {
  return {
    id: '7',
    side: 'BUY',
    amount: decimal('0.1'),
    averagePrice: decimal(1000),
    entryAmount: decimal('0.1'),
    entryNotional: decimal(100),
    cost: decimal(100),
    realizedPnl: ZERO,
    bestPrice: decimal(1000),
    stopLossPrice: decimal(980),
    takeProfitPrice: decimal(1040),
    openedAt: later(-1_800_000),
    ...more,
  }
}

const PERPETUAL = { symbol: 'BTC/USDT:USDT', positionType: 'FUTURES', leverage: 10 } as const

/** A bot on the perpetual that may go either way, at 10x; else as anInput. */
export function aFuturesInput({ bot, ...more }: Overrides = {}): TickInput {
  return anInput({ market: aPerpetual(), bot: { ...PERPETUAL, direction: 'BOTH', ...bot }, ...more })
}

/**
 * 1 BTC at 1,000 and 10x, 100 of margin behind it. With the standard rules a long's stop is at 980, its take profit at 1,040, and it is
 * liquidated at 903.61…; a short's stop is at 1,020, its take profit at 960, and it is liquidated at 1,095.61….
 */
export function heldPerpetual(side: OrderSide, more: Partial<Position> = {}): Position {
  const long = side === 'BUY'
  return held({
    side,
    amount: decimal(1),
    entryAmount: decimal(1),
    entryNotional: decimal(1000),
    cost: decimal(1000),
    stopLossPrice: decimal(long ? 980 : 1020),
    takeProfitPrice: decimal(long ? 1040 : 960),
    futures: {
      leverage: 10,
      margin: decimal(100),
      liquidationPrice: long ? decimal(900).div('0.996') : decimal(1100).div('1.004'),
      funding: ZERO,
    },
    ...more,
  })
}

export const READY: StartFacts = {
  key: 'OK',
  keyMessage: null,
  venueLive: true,
  reconciled: true,
  reconcileError: null,
  marketListed: true,
  venueError: null,
}
