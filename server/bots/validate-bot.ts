import type { BotConfig } from '#trading/domain/bot.ts'
import { validateBotConfig, type VenueRules } from '#trading/domain/bot-config.ts'
import { NotFoundError, ValidationError, type ValidationIssue } from '#trading/domain/errors.ts'
import type { Market } from '#trading/domain/market.ts'
import { minimumIssues } from '#trading/domain/market-minimums.ts'
import type { Decimal } from '#trading/domain/money.ts'
import { venueFacts } from '#trading/domain/venues.ts'
import { lockOwnedKey } from '#trading/store/api-keys.ts'
import { ensureMarkets, findMarket, venueTimeframes } from '#trading/store/known-markets.ts'
import { lastKnownPrice } from '#trading/store/last-price.ts'
import { inTransaction, type Tx } from '#trading/store/pool.ts'
import { DataUnavailableError } from '#trading/store/wanted-data.ts'
import type { Context, Services } from '../context.ts'
import { loadOwnBot, parseId } from '../live/bot-row.ts'
import { viewerOf } from '../schema/viewer.ts'

/**
 * What is known of where a bot would trade; `rules` null: the exchange is not offered; `price`: the market's last, if any is known; `problem`:
 * why the market is not known.
 */
type Surface = {
  rules: VenueRules | null
  market: Market | null
  price: Decimal | null
  problem: string | null
}

/** Everything that a new bot's configuration breaks. `lockKey` repeats the key's check in the transaction that saves the bot. */
export async function createIssues(context: Context, config: BotConfig) {
  const { services } = context
  const { userId } = viewerOf(context)
  const surface = await readSurface(services, config.exchange, config.symbol)
  const configIssues = checkConfig(config, surface)
  const keyIssues = (tx: Tx) => apiKeyIssues(tx, userId, config.apiKeyId, config.exchange)
  return {
    issues: [...configIssues, ...(await inTransaction(services.pool, keyIssues))],
    lockKey: async (tx: Tx) => {
      const issues = await keyIssues(tx)
      if (issues.length > 0) throw new ValidationError(issues)
    },
  }
}

/** The same for a change of a bot that is there. @throws NotFoundError */
export async function updateChecks(context: Context, id: string, changes: Partial<BotConfig>) {
  const { services } = context
  const { userId } = viewerOf(context)
  const bot = await loadOwnBot(services.prisma, userId, id)
  if (bot === null) throw new NotFoundError('bot')
  const surface = await readSurface(services, bot.exchange, bot.symbol)
  return {
    check: (config: BotConfig) => checkConfig(config, surface),
    lockKey: (tx: Tx) => apiKeyIssues(tx, userId, changes.apiKeyId ?? null, bot.exchange),
  }
}

async function readSurface({ env, pool }: Services, exchange: string, symbol: string): Promise<Surface> {
  if (!env.exchanges.includes(exchange)) return { rules: null, market: null, price: null, problem: null }
  const facts = venueFacts(exchange)
  try {
    await ensureMarkets(pool, exchange, { deadAfterMs: env.timing.deadAfterMs })
  } catch (error) {
    if (!(error instanceof DataUnavailableError)) throw error
    return { rules: { ...facts, timeframes: [] }, market: null, price: null, problem: error.message }
  }
  const timeframes = (await venueTimeframes(pool, [exchange])).get(exchange) ?? []
  const market = await findMarket(pool, exchange, symbol)
  const price = market === null ? null : await lastKnownPrice(pool, exchange, symbol)
  return { rules: { ...facts, timeframes }, market, price, problem: null }
}

function checkConfig(config: BotConfig, surface: Surface): ValidationIssue[] {
  const issues = validateBotConfig(config, surface.rules)
  if (/\p{Cc}/u.test(config.name))
    issues.push({ path: ['name'], message: 'name must have printable characters only.' })
  const unsaid = (field: keyof BotConfig) => !issues.some((issue) => issue.path[0] === field)
  if (surface.problem !== null) return [...issues, { path: ['exchange'], message: surface.problem }]
  if (surface.rules === null) return issues
  const market = marketIssues(config, surface).filter(({ path }) => path[0] !== 'symbol' || unsaid('symbol'))
  return [...issues, ...market]
}

function marketIssues(config: BotConfig, { market, price }: Surface): ValidationIssue[] {
  const { exchange, symbol, positionType, leverage } = config
  if (market === null) return [{ path: ['symbol'], message: `${exchange} has no market ${symbol}.` }]
  const issues: ValidationIssue[] = []
  if (!market.active)
    issues.push({ path: ['symbol'], message: `${symbol} is not traded on ${exchange} now.` })
  else if (market.type !== positionType) {
    issues.push({
      path: ['symbol'],
      message: `${symbol} is a ${market.type} market, and positionType is ${positionType}.`,
    })
  }
  issues.push(...minimumIssues(config, market, price))
  if (market.maxLeverage !== null && leverage > market.maxLeverage) {
    issues.push({
      path: ['leverage'],
      message: `leverage must be at most ${market.maxLeverage} for ${symbol} on ${exchange}.`,
    })
  }
  return issues
}

async function apiKeyIssues(
  tx: Tx,
  userId: string,
  apiKeyId: string | null,
  exchange: string,
): Promise<ValidationIssue[]> {
  if (apiKeyId === null) return []
  const keyExchange = parseId(apiKeyId) === null ? null : await lockOwnedKey(tx, userId, apiKeyId)
  if (keyExchange === null) return [{ path: ['apiKeyId'], message: 'apiKeyId is not one of your API keys.' }]
  if (keyExchange === exchange) return []
  return [
    { path: ['apiKeyId'], message: `apiKeyId must be a key of ${exchange}; this one is of ${keyExchange}.` },
  ]
}
