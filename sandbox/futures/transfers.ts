import { BinanceError } from '../binance-error.ts'
import type { Account } from '../exchange/records.ts'
import { balanceOf, type State } from '../exchange/state.ts'
import { noChanges } from '../exchange/store.ts'
import { type Money, ZERO } from '../money.ts'
import { summaryOf } from './balances.ts'
import type { Transfer, TransferType } from './records.ts'
import { addIncome, addTransfer, type Futures, touchWallet, walletOf } from './state.ts'

const short = () => new BinanceError(400, -5013, 'Asset transfer failed: insufficient balance')

/** Gives a new account futures money to begin with. */
export const fundWallet = (futures: Futures, account: Account, amount: Money): void => {
  const wallet = walletOf(futures, account)
  wallet.initial = amount
  wallet.balance = amount
  const changes = noChanges()
  touchWallet(futures, changes, wallet)
  futures.store.save(changes)
}

/** Moves USDT between the account's spot and futures wallets, at once and whole, or throws Binance's refusal. */
export const transfer = (
  state: State,
  futures: Futures,
  account: Account,
  request: { type: TransferType; asset: string; amount: Money },
  now: number,
  hideMs = 0,
): Transfer => {
  const { type, asset, amount } = request
  if (asset !== 'USDT') throw new BinanceError(400, -4018, "We don't have this asset.")
  const wallet = walletOf(futures, account)
  const spot = balanceOf(account, asset)
  const inwards = type === 'MAIN_UMFUTURE'
  const available = inwards ? spot.free : summaryOf(futures, wallet, now).withdrawable
  if (amount.lte(ZERO) || amount.gt(available)) throw short()

  const changes = noChanges()
  spot.free = inwards ? spot.free.minus(amount) : spot.free.plus(amount)
  changes.accounts.add(account)
  const tranId = ++futures.lastTranId
  const income = { symbol: '', type: 'TRANSFER', amount: inwards ? amount : amount.neg(), tranId } as const
  addIncome(futures, changes, wallet, income, now)
  const made: Transfer = {
    account: account.apiKey,
    tranId,
    asset,
    amount,
    type,
    time: now,
    hiddenUntil: hideMs ? now + hideMs : 0,
  }
  addTransfer(futures, changes, made)
  state.store.save(changes)
  return made
}
