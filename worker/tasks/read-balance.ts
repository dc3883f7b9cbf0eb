import type { TradingAccount, Wallet } from '#trading/domain/exchange.ts'
import { type Balances, saveBalances } from '#trading/store/balances.ts'
import { inTransaction } from '#trading/store/pool.ts'
import type { WorkerDeps } from '../deps.ts'

type Reading = { balances: Balances; readAt: Date }

/** Bots of one key that enter at the same candle share one question. What the answer is worth stands with it: the instant before it was asked. */
const underWay = {
  SPOT: new WeakMap<TradingAccount, Promise<Reading>>(),
  FUTURES: new WeakMap<TradingAccount, Promise<Reading>>(),
}

/** Asks the venue what a wallet of the account holds, for the capital ledger; afterwards there is a row of `asset`. @throws VenueError */
export async function readBalance(
  deps: Pick<WorkerDeps, 'pool'>,
  account: TradingAccount,
  apiKeyId: string,
  wallet: Wallet,
  asset: string,
): Promise<void> {
  const asked = underWay[wallet]
  let reading = asked.get(account)
  if (reading === undefined) {
    reading = ask(deps, account, wallet).finally(() => asked.delete(account))
    asked.set(account, reading)
  }
  const { balances, readAt } = await reading
  await inTransaction(deps.pool, (tx) => saveBalances(tx, apiKeyId, wallet, balances, readAt, asset))
}

async function ask(
  deps: Pick<WorkerDeps, 'pool'>,
  account: TradingAccount,
  wallet: Wallet,
): Promise<Reading> {
  const { rows } = await deps.pool.query<{ now: Date }>('SELECT tradebot_now() AS now')
  if (rows[0] === undefined) throw new Error('SELECT gave no row')
  return { readAt: rows[0].now, balances: await account.fetchBalance(wallet) }
}
