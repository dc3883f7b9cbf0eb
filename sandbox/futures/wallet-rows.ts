import { Money, print, ZERO } from '../money.ts'
import { coverOf, reservedOf, summaryOf } from './balances.ts'
import { bracketAt, maxNotionalAt } from './contracts.ts'
import { entryPriceOf, liquidationPriceOf, maintenanceOf, unrealizedOf } from './positions.ts'
import { markAt } from './prices.ts'
import type { Position, Wallet } from './records.ts'
import { contractOf, type Futures } from './state.ts'

/** Positions and wallets as Binance's futures API prints them. */

/** A row of positionRisk: what its three versions have in common, and what only the third has. */
export const riskRow = (state: Futures, wallet: Wallet, position: Position, now: number) => {
  const contract = contractOf(state, position.symbol)
  const { spec } = contract
  const mark = markAt(contract, now)
  const profit = unrealizedOf(position, mark)
  const notional = position.amount.mul(mark)
  const price = liquidationPriceOf(spec, position, coverOf(wallet, position))
  const entry = entryPriceOf(position)
  const flat = position.amount.isZero()
  return {
    symbol: position.symbol,
    positionSide: 'BOTH',
    positionAmt: position.amount.toFixed(spec.quantityDecimals),
    entryPrice: flat ? '0.0' : entry.toDecimalPlaces(11).toString(),
    breakEvenPrice: flat
      ? '0.0'
      : entry
          .mul(position.amount.gt(ZERO) ? '1.0005' : '0.9995')
          .toDecimalPlaces(11)
          .toString(),
    markPrice: print(mark),
    unRealizedProfit: print(flat ? ZERO : profit),
    liquidationPrice: price ? price.toDecimalPlaces(8).toString() : '0',
    isolatedMargin: position.isolated && !flat ? print(position.margin.plus(profit)) : '0',
    notional: print(notional),
    isolatedWallet: position.isolated && !flat ? print(position.margin) : '0',
    updateTime: position.updateTime,
    marginAsset: 'USDT',
    initialMargin: print(position.margin),
    maintMargin: print(maintenanceOf(spec, position, mark)),
    positionInitialMargin: print(position.margin),
    openOrderInitialMargin: '0',
    adl: flat ? '0' : '1',
    bidNotional: '0',
    askNotional: '0',
  }
}

/** The rows of versions 1 and 2: with the symbol's settings, without what only the third has. */
export const riskRowBefore3 = (state: Futures, wallet: Wallet, position: Position, now: number) => {
  const {
    marginAsset: _a,
    initialMargin: _i,
    maintMargin: _m,
    ...rest
  } = riskRow(state, wallet, position, now)
  const { positionInitialMargin: _p, openOrderInitialMargin: _o, adl, ...more } = rest
  const { bidNotional: _b, askNotional: _k, ...row } = more
  const { spec } = contractOf(state, position.symbol)
  return {
    ...row,
    leverage: String(position.leverage),
    maxNotionalValue: String(maxNotionalAt(spec, position.leverage)),
    marginType: position.isolated ? 'isolated' : 'cross',
    isAutoAddMargin: 'false',
    isolated: position.isolated,
    adlQuantile: Number(adl),
  }
}

/** A row of the positions in GET account. */
export const accountPositionRow = (state: Futures, wallet: Wallet, position: Position, now: number) => {
  const row = riskRow(state, wallet, position, now)
  return {
    symbol: row.symbol,
    positionSide: row.positionSide,
    positionAmt: row.positionAmt,
    unrealizedProfit: row.unRealizedProfit,
    isolatedMargin: row.isolatedMargin,
    notional: row.notional,
    isolatedWallet: row.isolatedWallet,
    initialMargin: row.initialMargin,
    maintMargin: row.maintMargin,
    updateTime: row.updateTime,
    entryPrice: row.entryPrice,
    leverage: String(position.leverage),
    isolated: position.isolated,
    maxNotional: String(maxNotionalAt(contractOf(state, position.symbol).spec, position.leverage)),
  }
}

/** GET account without its positions. */
export const accountBody = (state: Futures, wallet: Wallet, now: number) => {
  const sum = summaryOf(state, wallet, now)
  const initial = print(sum.margins.plus(sum.reserved))
  const common = {
    maintMargin: print(sum.maintenance),
    walletBalance: print(sum.balance),
    unrealizedProfit: print(sum.profit),
    marginBalance: print(sum.balance.plus(sum.profit)),
    positionInitialMargin: print(sum.margins),
    openOrderInitialMargin: print(sum.reserved),
    crossWalletBalance: print(sum.crossWallet),
    crossUnPnl: print(sum.crossProfit),
    availableBalance: print(sum.available),
    maxWithdrawAmount: print(sum.withdrawable),
  }
  return {
    totalInitialMargin: initial,
    totalMaintMargin: common.maintMargin,
    totalWalletBalance: common.walletBalance,
    totalUnrealizedProfit: common.unrealizedProfit,
    totalMarginBalance: common.marginBalance,
    totalPositionInitialMargin: common.positionInitialMargin,
    totalOpenOrderInitialMargin: common.openOrderInitialMargin,
    totalCrossWalletBalance: common.crossWalletBalance,
    totalCrossUnPnl: common.crossUnPnl,
    availableBalance: common.availableBalance,
    maxWithdrawAmount: common.maxWithdrawAmount,
    // A time of 0 would say that the asset was never used, and clients skip it.
    assets: [
      {
        asset: 'USDT',
        ...common,
        initialMargin: initial,
        marginAvailable: true,
        updateTime: wallet.createdAt,
      },
    ],
  }
}

export const balanceRow = (state: Futures, wallet: Wallet, now: number) => {
  const sum = summaryOf(state, wallet, now)
  return {
    accountAlias: wallet.account.slice(0, 8),
    asset: 'USDT',
    balance: print(sum.balance),
    crossWalletBalance: print(sum.crossWallet),
    crossUnPnl: print(sum.crossProfit),
    availableBalance: print(sum.available),
    maxWithdrawAmount: print(sum.withdrawable),
    marginAvailable: true,
    updateTime: wallet.createdAt,
  }
}

/** What the truth endpoint tells of a position: the bare records. */
export const truthRow = (state: Futures, wallet: Wallet, position: Position) => {
  const { spec } = contractOf(state, position.symbol)
  const price = liquidationPriceOf(spec, position, coverOf(wallet, position))
  return {
    account: wallet.account,
    symbol: position.symbol,
    amount: position.amount.toString(),
    cost: position.cost.toString(),
    entryPrice: entryPriceOf(position).toString(),
    margin: position.margin.toString(),
    leverage: position.leverage,
    isolated: position.isolated,
    liquidationPrice: price?.toDecimalPlaces(8).toString() ?? null,
    maintenanceMarginRate: bracketAt(spec, position.cost).maintenance.toString(),
  }
}

export const walletRow = (state: Futures, wallet: Wallet) => ({
  balance: print(wallet.balance),
  initial: print(wallet.initial),
  margin: print(
    Object.values(wallet.positions).reduce((sum: Money, position) => sum.plus(position.margin), ZERO),
  ),
  reserved: print(reservedOf(state, wallet)),
})
