import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect } from 'vitest'
import type { Actor } from '#trading/domain/actor.ts'
import type { BotConfig } from '#trading/domain/bot.ts'
import type { BotStatus } from '#trading/domain/bot-lifecycle.ts'
import type { TransferResult, Wallet } from '#trading/domain/exchange.ts'
import { decimal } from '#trading/domain/money.ts'
import { anOrder, aSavedBot, aUser, lead } from '#trading/store/bot.fixture.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { insertEntryTransfer } from '#trading/store/transfers.ts'
import type { WorkerDeps } from '../deps.ts'
import { control, openSandboxAccount } from '../exchange/sandbox.fixture.ts'
import { afterHints, type Engine, knowMarkets, knowPerpetual, makeEngine } from './engine.fixture.ts'
import { executeTransfer } from './execute-transfer.ts'
import { settleTransfer } from './settle-transfer.ts'
import { type Sandbox, startSandbox } from './testing/sandbox.ts'

export const PERPETUAL = 'BTC/USDT:USDT'
/** A busy machine must not look like an exchange that fails. */
const PATIENT = { httpTimeoutMs: 4_000, sendBudgetMs: 4_000, recvWindowMs: 5_000 }
const ENDED = ['DONE', 'REFUSED', 'NOT_PLACED']

/** A sandbox, an engine over it, and accounts with money in SPOT. */
export function withTransfers() {
  const db = withTestDatabase()
  let sandbox: Sandbox
  let engine: Engine
  /** Connections of its own: a worker's may be broken by a fault. */
  let person: WorkerDeps

  beforeAll(async () => {
    sandbox = await startSandbox()
    engine = makeEngine(db.pool, db.url, sandbox.url, PATIENT)
    person = engine.makeDeps()
    await knowMarkets(db.pool)
    await knowPerpetual(db.pool)
  })
  afterAll(async () => {
    await sandbox.close()
    await afterHints(db.pool)
  })

  /** A user, or this one, with a key of an account that has 1,000 USDT in SPOT and 50 in FUTURES. */
  async function account(body: object = {}, user?: Actor) {
    const actor = user ?? (await aUser(db.pool))
    const { credentials } = await openSandboxAccount(sandbox.url, {
      balances: { USDT: '1000' },
      futures: { USDT: '50' },
      ...body,
    })
    const apiKeyId = await engine.key(actor, credentials)
    const owner = ownerOf(actor, apiKeyId, credentials.apiKey)
    /** The same account by another key. */
    const again = async () => ownerOf(actor, await engine.key(actor, credentials), credentials.apiKey)
    return { ...owner, again }
  }

  function ownerOf(actor: Actor, apiKeyId: string, venueKey: string) {
    const bot = async (more: Partial<BotConfig> = {}, status: BotStatus = 'RUNNING') => {
      const botId = await aSavedBot(db.pool, actor, {
        mode: 'LIVE',
        apiKeyId,
        symbol: PERPETUAL,
        positionType: 'FUTURES',
        leverage: 5,
        autoTransferFunds: true,
        transferAmount: decimal(100),
        ...more,
      })
      await lead(db.pool, botId, status)
      return botId
    }
    const intend = (botId: string, orderId: string) =>
      engine.in((tx) => insertEntryTransfer(tx, { id: orderId, botId }, apiKeyId, decimal(100), 'USDT'))

    return {
      actor,
      apiKeyId,
      bot,
      intend,
      /** An entry that waits for its transfer of 100 USDT, which is intended. */
      async intended(more: Partial<BotConfig> = {}) {
        const botId = await bot(more)
        const orderId = await anOrder(db.pool, botId, { status: 'INTENDED', mode: 'LIVE', apiKeyId })
        const id = await intend(botId, orderId)
        if (id === null) throw new Error('a transfer of this key is in flight')
        return { botId, orderId, id }
      },
      fault: (kind: string, more: object = {}) =>
        control(sandbox.url, 'POST', '/sandbox/faults', {
          endpoint: 'POST /sapi/v1/asset/transfer',
          kind,
          count: 1,
          account: venueKey,
          ...more,
        }),
      /** What a person does at the exchange. */
      byHand: async (amount = 100, from: Wallet = 'SPOT'): Promise<TransferResult> => {
        const venue = await person.accounts.forKey(apiKeyId)
        await venue.prepare(PERPETUAL)
        return venue.transfer({
          from,
          to: from === 'SPOT' ? 'FUTURES' : 'SPOT',
          currency: 'USDT',
          amount: decimal(amount),
          clientTransferId: randomUUID(),
          signedAt: Date.now(),
          recvWindowMs: 5_000,
          timeoutMs: 3_000,
        })
      },
      /** All that ever moved on the account, as the exchange itself knows, hidden or not. */
      truth: () => control(sandbox.url, 'GET', `/sandbox/transfers?account=${venueKey}`),
    }
  }

  const row = async (id: string) => {
    const { rows } = await db.pool.query<TransferRow>(`SELECT * FROM transfers WHERE id = $1`, [id])
    if (rows[0] === undefined) throw new Error(`no transfer ${id}`)
    return rows[0]
  }

  return {
    db,
    account,
    row,
    get engine() {
      return engine
    },
    get sandboxUrl() {
      return sandbox.url
    },
    send: (id: string) => executeTransfer({ transferId: id }, engine.deps),
    look: async (id: string) => {
      await db.pool.query(
        `UPDATE transfers SET next_settle_at = tradebot_now() WHERE id = $1 AND next_settle_at IS NOT NULL`,
        [id],
      )
      return settleTransfer({ transferId: id }, engine.deps)
    },
    /** Sends it where it stands; else lets the last moment at which it could arrive be over and looks, as a worker would, until it has ended. */
    async end(id: string): Promise<string> {
      for (let turn = 0; turn < 20; turn++) {
        const { status } = await row(id)
        if (ENDED.includes(status)) return status
        if (status === 'INTENDED') await executeTransfer({ transferId: id }, engine.deps)
        else await this.lookAfter(id)
      }
      throw new Error(`transfer ${id} does not end`)
    },
    /** Looks once the transfer can no longer arrive. */
    async lookAfter(id: string): Promise<string> {
      await db.pool.query(
        `UPDATE transfers SET submit_deadline = least(submit_deadline, tradebot_now()), next_settle_at = tradebot_now()
         WHERE id = $1 AND next_settle_at IS NOT NULL`,
        [id],
      )
      return settleTransfer({ transferId: id }, engine.deps)
    },
    order: async (id: string) => {
      const { rows } = await db.pool.query<{
        status: string
        error_code: string | null
        error_message: string
      }>(`SELECT status, error_code, error_message FROM orders WHERE id = $1`, [id])
      return rows[0]
    },
    hasJob: async (key: string) => {
      const { rows } = await db.pool.query(`SELECT FROM graphile_worker._private_jobs WHERE key = $1`, [key])
      return rows.length > 0
    },
    /** Books and truth agree: what is DONE is there under its number, once; nothing else of ours moved. */
    async expectAgreed(owner: { truth(): Promise<Record<string, unknown>[]> }, id: string, moved: boolean) {
      const { status, exchange_transfer_id: number, amount } = await row(id)
      const truth = await owner.truth()
      expect(truth.map((each) => Number(each['amount']))).toEqual(moved ? [Number(amount)] : [])
      expect(status === 'DONE', `status ${status}`).toBe(moved)
      expect(number).toBe(moved ? String(truth[0]?.['tranId']) : null)
    },
  }
}

type TransferRow = {
  id: string
  status: string
  amount: string
  purpose: string
  exchange_transfer_id: string | null
  error_code: string | null
  error_message: string | null
  candidates: { id: string; at: string }[]
  next_settle_at: Date | null
  submit_deadline: Date | null
}
