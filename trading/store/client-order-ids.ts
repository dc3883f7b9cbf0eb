import { randomBytes } from 'node:crypto'
import { clientOrderIdFrom } from '../domain/client-order-id.ts'
import { clientIdFormOf } from '../domain/venue-recipes.ts'

/** A new id for an order of ours, in the form that the venue takes: at least 112 random bits. */
export function newClientOrderId(exchange: string): string {
  return clientOrderIdFrom(clientIdFormOf(exchange), randomBytes)
}
