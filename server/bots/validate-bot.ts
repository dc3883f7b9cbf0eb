import type { BotConfig } from '#trading/domain/bot.ts'
import { validateBotConfig, type VenueRules } from '#trading/domain/bot-config.ts'
import { NotFoundError, ValidationError, type ValidationIssue } from '#trading/domain/errors.ts'
import { leverageIssues } from '#trading/domain/liquidation-issues.ts'
import type { Market } from '#trading/domain/market.ts'
import { minimumIssues } from '#trading/domain/market-minimums.ts'
import type { Decimal } from '#trading/domain/money.ts'
import { venueFacts } from '#trading/domain/venues.ts'
import { ensureMarkets, findMarket, venueTimeframes } from '#trading/store/known-markets.ts'
import { lastKnownPrice } from '#trading/store/last-price.ts'
import { inTransaction, type Tx } from '#trading/store/pool.ts'
import { DataUnavailableError } from '#trading/store/wanted-data.ts'
import type { Context, Services } from '../context.ts'
import { loadOwnBot } from '../live/bot-row.ts'
import { viewerOf } from '../schema/viewer.ts'
import { apiKeyIssues } from './key-issues.ts'
import { symbolIssue } from './symbol-issue.ts'

/**
 * What is known of where a bot would trade; `rules` null: the exchange is not offered; `price`: the market's last, if any is known;
 * `wrongSymbol`: there is no such market of this kind; `problem`: why the market is not known.
 */
type Surface = {
  rules: VenueRules | null
  market: Market | null
  price: Decimal | null
  wrongSymbol: ValidationIssue | null
  problem: string | null
}

/** Everything that a new bot's configuration breaks. `lockKey` repeats the key's check in the transaction that saves the bot. */
export async function createIssues(context: Context, config: BotConfig) {
  const { services } = context
  const { userId } = viewerOf(context)
  const surface = await readSurface(services, config)
  const configIssues = checkConfig(config, surface)
  const keyIssues = (tx: Tx) => apiKeyIssues(tx, { userId, botId: null, config })
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
  const surface = await readSurface(services, bot)
  const apiKeyId = bot.apiKeyId === null ? null : String(bot.apiKeyId)
  // Another revision than the one that is changed is refused anyway: what is read here is what becomes of it.
  const config = { ...bot, apiKeyId, ...changes }
  const keyMatters = changes.apiKeyId != null || changes.autoTransferFunds === true
  return {
    config,
    check: (next: BotConfig) => checkConfig(next, surface),
    lockKey: async (tx: Tx) => (keyMatters ? apiKeyIssues(tx, { userId, botId: id, config }) : []),
  }
}

type Place = Pick<BotConfig, 'exchange' | 'symbol' | 'positionType'>

async function readSurface({ env, pool }: Services, place: Place): Promise<Surface> {
  const { exchange, symbol } = place
  const nothing = { market: null, price: null, wrongSymbol: null }
  if (!env.exchanges.includes(exchange)) return { ...nothing, rules: null, problem: null }
  const facts = venueFacts(exchange)
  try {
    await ensureMarkets(pool, exchange, { deadAfterMs: env.timing.deadAfterMs })
  } catch (error) {
    if (!(error instanceof DataUnavailableError)) throw error
    return { ...nothing, rules: { ...facts, timeframes: [] }, problem: error.message }
  }
  const timeframes = (await venueTimeframes(pool, [exchange])).get(exchange) ?? []
  const market = await findMarket(pool, exchange, symbol)
  const price = market === null ? null : await lastKnownPrice(pool, exchange, symbol)
  const fits = market !== null && market.type === place.positionType
  const wrongSymbol = fits ? null : await symbolIssue(pool, place)
  return { rules: { ...facts, timeframes }, market, price, wrongSymbol, problem: null }
}

function checkConfig(config: BotConfig, surface: Surface): ValidationIssue[] {
  const { rules, wrongSymbol, problem } = surface
  // What the venue has instead says more than what a symbol looks like.
  const issues = validateBotConfig(config, rules).filter(
    ({ path }) => wrongSymbol === null || path[0] !== 'symbol',
  )
  if (/\p{Cc}/u.test(config.name))
    issues.push({ path: ['name'], message: 'name must have printable characters only.' })
  if (problem !== null) return [...issues, { path: ['exchange'], message: problem }]
  if (rules === null) return issues
  const found = wrongSymbol === null ? marketIssues(config, surface) : [wrongSymbol]
  // The most leverage that this market takes says more than the most that any does.
  const toldTwice = ({ path }: ValidationIssue) =>
    path[0] === 'leverage' && found.some((other) => other.path[0] === 'leverage')
  return [...issues.filter((issue) => !toldTwice(issue)), ...found]
}

function marketIssues(config: BotConfig, { market, price }: Surface): ValidationIssue[] {
  const { exchange, symbol } = config
  // No symbol at all, of which the configuration's own rules have told.
  if (market === null) return []
  const issues: ValidationIssue[] = []
  if (!market.active)
    issues.push({ path: ['symbol'], message: `${symbol} is not traded on ${exchange} now.` })
  issues.push(...minimumIssues(config, market, price), ...leverageIssues(config, market))
  return issues
}
