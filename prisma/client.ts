import { PrismaPg } from '@prisma/adapter-pg'
import { makePool } from '#trading/store/pool.ts'
import { PrismaClient } from './generated/client.ts'

export type Prisma = PrismaClient

/**
 * Prisma's client, for reads. Its sessions are those of `makePool`: the adapter drops the zone of a timestamptz, so a session in any zone
 * but UTC would shift every instant. `$disconnect()` ends the connections.
 */
export function makePrisma(databaseUrl: string, { max = 10 } = {}): Prisma {
  const pool = makePool(databaseUrl, { max, applicationName: 'tradebot-prisma' })
  return new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: true }) })
}
