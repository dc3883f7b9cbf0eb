import type { PositionType } from '#trading/domain/bot.ts'
import { kindOfSymbol } from '#trading/domain/bot-config.ts'
import type { ValidationIssue } from '#trading/domain/errors.ts'
import { perpetualsAt, venueFacts } from '#trading/domain/venues.ts'
import { nearMarkets } from '#trading/store/near-markets.ts'
import type { Db } from '#trading/store/pool.ts'

const KIND_WORDS: Record<PositionType, string> = { SPOT: 'spot market', FUTURES: 'perpetual' }
const OTHER: Record<PositionType, PositionType> = { SPOT: 'FUTURES', FUTURES: 'SPOT' }

type Wanted = { exchange: string; symbol: string; positionType: PositionType }

/**
 * Why a venue has no such market for a bot of this kind, with what is near: the same pair of the other kind, or other markets of this kind.
 * Null for what is no symbol at all: `validateBotConfig` says that.
 */
export async function symbolIssue(db: Db, wanted: Wanted): Promise<ValidationIssue | null> {
  const { exchange, symbol, positionType } = wanted
  const kind = kindOfSymbol(symbol)
  if (kind === null) return null
  const [base = '', quote = ''] = symbol.split(':')[0]?.split('/') ?? []
  const elsewhere = positionType === 'FUTURES' ? perpetualsAt(exchange) : null
  if (elsewhere !== null)
    return {
      path: ['exchange'],
      message: `${venueFacts(exchange).name}'s perpetuals are traded at ${elsewhere}, with API keys of its own: choose the exchange ${elsewhere}.`,
    }
  const near = await nearMarkets(db, exchange, positionType, { base, quote })
  if (kind !== positionType) return issue(mistakenKind(wanted, near, base))
  const ofPair = (found: string) => found.split(':')[0] === `${base}/${quote}`
  const others = await nearMarkets(db, exchange, OTHER[kind], { base, quote })
  const instead = others.some(ofPair) ? `; or choose ${OTHER[kind]}` : ''
  const missing =
    kind === 'SPOT' ? `${exchange} has no market ${symbol}.` : `${exchange} has no perpetual ${symbol}.`
  return issue(`${missing} ${offer(near, kind)}${instead}.`)
}

/** "BTC/USDT" given for FUTURES, or the reverse. */
function mistakenKind({ symbol, positionType, exchange }: Wanted, near: string[], base: string): string {
  const kind = OTHER[positionType]
  const is = `${symbol} names a ${KIND_WORDS[kind]}, and positionType is ${positionType}`
  const pair = symbol.split(':')[0]
  const meant =
    near.find((found) => found.split(':')[0] === pair) ?? near.find((found) => found.startsWith(`${base}/`))
  if (meant !== undefined) return `${is}: did you mean ${meant}? Or choose ${kind}.`
  return `${is}: ${exchange} has no ${KIND_WORDS[positionType]} of ${base}. ${offer(near, positionType)}; or choose ${kind}.`
}

function offer(near: readonly string[], kind: PositionType): string {
  const what = kind === 'SPOT' ? 'Spot markets' : 'Perpetuals'
  return near.length === 0 ? `It has no ${KIND_WORDS[kind]} at all` : `${what} there are ${near.join(', ')}`
}

function issue(message: string): ValidationIssue {
  return { path: ['symbol'], message }
}
