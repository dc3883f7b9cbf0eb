import type { Logger } from 'pino'
import type { OrderFate } from '../exchange/engine.ts'
import type { Account } from '../exchange/records.ts'
import type { State } from '../exchange/state.ts'
import type { Futures } from '../futures/state.ts'
import type { Faults } from './faults.ts'
import type { Parameters } from './parameters.ts'

/** What every handler can reach. */
export type Exchange = {
  state: State
  futures: Futures
  faults: Faults
  log: Logger
  weightPerMinute: number
}

export type Call = {
  parameters: Parameters
  body: string
  /** When the request arrived. */
  now: number
  fate: OrderFate
}

type Handler = (exchange: Exchange, call: Call) => unknown
export type SignedHandler = (exchange: Exchange, call: Call, account: Account) => unknown

/** An endpoint: what it weighs, and whether it wants a signature. Control routes weigh nothing and know no faults. */
export type Route = { weight: number | ((parameters: Parameters) => number) } & (
  { signed: true; handle: SignedHandler } | { signed: false; handle: Handler }
)

/** By "METHOD /path". */
export type Routes = Record<string, Route>

export const open = (weight: Route['weight'], handle: Handler): Route => ({ weight, signed: false, handle })
export const signed = (weight: Route['weight'], handle: SignedHandler): Route => ({
  weight,
  signed: true,
  handle,
})
