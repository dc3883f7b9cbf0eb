import type { Prisma as PrismaNamespace } from '#prisma/generated/client.ts'
import type { Prisma } from '#prisma/client.ts'
import { parseId } from './bot-row.ts'

/** All but what is long: the CSV, the curve and the trades are read where they are asked for. */
export const backtestColumns = {
  id: true,
  userId: true,
  name: true,
  config: true,
  source: true,
  fromTime: true,
  toTime: true,
  status: true,
  phase: true,
  candlesTotal: true,
  candlesDone: true,
  version: true,
  summary: true,
  error: true,
  cancelRequested: true,
  createdAt: true,
  startedAt: true,
  finishedAt: true,
} as const satisfies PrismaNamespace.BacktestSelect

export type BacktestRow = PrismaNamespace.BacktestGetPayload<{ select: typeof backtestColumns }>

/** The viewer's backtest, or null. */
export async function loadOwnBacktest(
  prisma: Prisma,
  userId: string,
  id: string,
): Promise<BacktestRow | null> {
  const number = parseId(id)
  if (number === null) return null
  return prisma.backtest.findFirst({
    where: { id: number, userId: BigInt(userId) },
    select: backtestColumns,
  })
}
