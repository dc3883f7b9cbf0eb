import type { BotConfig } from '#trading/domain/bot.ts'
import { ValidationError, type ValidationIssue } from '#trading/domain/errors.ts'
import { lockOwnedKey } from '#trading/store/api-keys.ts'
import { findFuturesBot, isSecondFuturesBot } from '#trading/store/one-futures-bot.ts'
import type { Db, Pool, Tx } from '#trading/store/pool.ts'
import { parseId } from '../live/bot-row.ts'

type Keyed = Pick<BotConfig, 'apiKeyId' | 'exchange' | 'symbol' | 'positionType' | 'autoTransferFunds'>
/** `botId` null: a new one. */
type Asked = { userId: string; botId: string | null; config: Keyed }

/** Whether the key is the user's and fits the bot; it cannot be deleted before this transaction ends. */
export async function apiKeyIssues(tx: Tx, { userId, botId, config }: Asked): Promise<ValidationIssue[]> {
  const { apiKeyId, exchange } = config
  if (apiKeyId === null) return []
  const key = parseId(apiKeyId) === null ? null : await lockOwnedKey(tx, userId, apiKeyId)
  if (key === null) return [issue('apiKeyId', 'apiKeyId is not one of your API keys.')]
  if (key.exchange !== exchange)
    return [issue('apiKeyId', `apiKeyId must be a key of ${exchange}; this one is of ${key.exchange}.`)]
  const second = await secondBotIssue(tx, botId, config)
  const issues = second === null ? [] : [second]
  if (config.autoTransferFunds && key.canTransfer === false) {
    issues.push(
      issue(
        'autoTransferFunds',
        `autoTransferFunds needs a key that may transfer; "${key.label}" may not. Allow transfers for it at the exchange and replace the key here, choose another key, or turn it off.`,
      ),
    )
  }
  return issues
}

/**
 * Saves a bot; what the unique index refuses, because another save was quicker than our look, is told like what was seen.
 * @throws ValidationError
 */
export async function saveAlone<T>(
  pool: Pool,
  { botId, config }: Omit<Asked, 'userId'>,
  save: () => Promise<T>,
): Promise<T> {
  try {
    return await save()
  } catch (error) {
    const second = isSecondFuturesBot(error) ? await secondBotIssue(pool, botId, config) : null
    throw second === null ? error : new ValidationError([second])
  }
}

async function secondBotIssue(db: Db, botId: string | null, config: Keyed): Promise<ValidationIssue | null> {
  const { apiKeyId, symbol, positionType } = config
  if (apiKeyId === null || positionType !== 'FUTURES') return null
  const other = await findFuturesBot(db, { apiKeyId, symbol, besides: botId })
  if (other === null) return null
  return issue(
    'apiKeyId',
    `apiKeyId is used by the bot "${other.name}" for ${symbol} already, and an exchange keeps one position per key and perpetual. Choose another key or another market, or delete that bot.`,
  )
}

function issue(field: keyof BotConfig, message: string): ValidationIssue {
  return { path: [field], message }
}
