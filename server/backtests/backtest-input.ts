import { MOST_CANDLES } from '#trading/domain/backtest/candle-columns.ts'
import type { BotConfig } from '#trading/domain/bot.ts'
import { NotFoundError, ValidationError, type ValidationIssue } from '#trading/domain/errors.ts'
import { timeframeMs } from '#trading/domain/market.ts'
import type { NewBacktest } from '#trading/store/backtests.ts'
import { botFromRow } from '#trading/store/bot-columns.ts'
import { configFrom } from '../bots/config-from-input.ts'
import { createIssues } from '../bots/validate-bot.ts'
import type { Context } from '../context.ts'
import { parseId } from '../live/bot-row.ts'
import type { BacktestInput } from '../schema/backtest-mutations.ts'
import { viewerOf } from '../schema/viewer.ts'

type Given = typeof BacktestInput.$inferInput

/** What is to be run. @throws ValidationError, NotFoundError (of the bot) */
export async function backtestFrom(context: Context, input: Given, now: Date): Promise<NewBacktest> {
  if (input.botId == null && input.config == null)
    throw new ValidationError([{ path: ['botId'], message: 'Give botId or config.' }])
  if (input.botId != null && input.config != null)
    throw new ValidationError([{ path: ['botId'], message: 'Give botId or config, not both.' }])
  const wanted =
    input.config == null ? await configOfBot(context, input.botId ?? '') : configFrom(input.config)
  // A backtest trades on paper and needs no key, whatever the bot does.
  const config: BotConfig = { ...wanted, mode: 'PAPER', apiKeyId: null, autoTransferFunds: false }
  const name = (input.name ?? config.name).trim()
  const given = { name, config, from: input.from ?? null, to: input.to ?? null, csv: input.csv ?? null }
  const { issues } = await createIssues(context, config)
  const prefixed = issues.map(({ path, message }) => ({
    path: input.config == null ? ['botId'] : ['config', ...path],
    message,
  }))
  const all = [...prefixed, ...nameIssues(name), ...timeIssues(given, now)]
  if (all.length > 0) throw new ValidationError(all)
  return given
}

async function configOfBot(context: Context, botId: string): Promise<BotConfig> {
  const id = parseId(botId)
  const { rows } = await context.services.pool.query<Record<string, unknown>>(
    `SELECT * FROM bot_configs WHERE id = $1 AND user_id = $2 AND deleted_at IS NULL`,
    [id === null ? null : String(id), viewerOf(context).userId],
  )
  const row = rows[0]
  if (row === undefined) throw new NotFoundError('bot')
  const { id: _id, userId: _userId, revision: _revision, isActive: _isActive, ...config } = botFromRow(row)
  return config
}

function nameIssues(name: string): ValidationIssue[] {
  if (name.length >= 1 && name.length <= 100 && !/\p{Cc}/u.test(name)) return []
  return [{ path: ['name'], message: 'name must have 1 to 100 printable characters.' }]
}

function timeIssues({ from, to, csv, config }: NewBacktest, now: Date): ValidationIssue[] {
  if (from !== null && to !== null && from >= to)
    return [{ path: ['to'], message: 'to must be later than from.' }]
  if (csv !== null) return []
  if (from === null || to === null) {
    return [
      {
        path: [from === null ? 'from' : 'to'],
        message: 'Give from and to, or the candles themselves as csv.',
      },
    ]
  }
  if (to > now) return [{ path: ['to'], message: 'to must not lie ahead: no candle has closed there yet.' }]
  const candles = Math.ceil((to.getTime() - from.getTime()) / (timeframeMs(config.timeframe) ?? Infinity))
  if (candles < 2)
    return [{ path: ['to'], message: `There must be two candles of ${config.timeframe} or more.` }]
  if (candles <= MOST_CANDLES) return []
  return [
    {
      path: ['from'],
      message: `${candles.toLocaleString('en')} candles are more than a backtest takes (${MOST_CANDLES.toLocaleString('en')}). Choose a shorter time or a longer timeframe.`,
    },
  ]
}
