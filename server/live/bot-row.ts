import type { Prisma as PrismaNamespace } from '#prisma/generated/client.ts'
import type { Prisma } from '#prisma/client.ts'

/** What every Bot of the API is loaded with, so that its state, key and position need no further query. */
export const botInclude = {
  state: true,
  apiKey: true,
  positions: { where: { closedAt: null }, take: 1 },
  orders: {
    where: { purpose: 'PROTECTIVE_STOP', status: { in: ['OPEN', 'PARTIALLY_FILLED'] } },
    take: 1,
  },
} as const satisfies PrismaNamespace.BotInclude

export type BotRow = PrismaNamespace.BotGetPayload<{ include: typeof botInclude }>

/** These bots as one moment has them; deleted ones are left out. Not scoped: pass ids that were. */
export async function loadBotRows(prisma: Prisma, ids: bigint[]): Promise<BotRow[]> {
  // Prisma reads each relation with a query of its own: without one snapshot, a new state could come with the position from before it.
  const [rows] = await prisma.$transaction(
    [prisma.bot.findMany({ where: { id: { in: ids }, deletedAt: null }, include: botInclude })],
    { isolationLevel: 'RepeatableRead' },
  )
  return rows
}

/** The viewer's bot, or null. */
export async function loadOwnBot(prisma: Prisma, userId: string, id: string): Promise<BotRow | null> {
  const number = parseId(id)
  if (number === null) return null
  const [row] = await prisma.$transaction(
    [
      prisma.bot.findFirst({
        where: { id: number, userId: BigInt(userId), deletedAt: null },
        include: botInclude,
      }),
    ],
    { isolationLevel: 'RepeatableRead' },
  )
  return row
}

/** A database id from the API, or null for what cannot be one: garbage is "not found", not an error. */
export function parseId(id: string): bigint | null {
  return /^[1-9]\d{0,17}$/.test(id) ? BigInt(id) : null
}
