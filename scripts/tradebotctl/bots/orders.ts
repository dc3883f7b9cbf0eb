import type { z } from 'zod'
import type { ApiInput, DirectInput } from '../api/options.ts'
import type { Context } from '../frame/context.ts'
import { withDesk } from './desk.ts'
import { findBot } from './find-bot.ts'
import type { OrderShape, ordersResult } from './shapes.ts'
import { plainLine, tableOf } from './table.ts'
import { painterOf, relativeTime, terminalWidth } from './words.ts'

type Input = ApiInput & DirectInput & { bot?: string | undefined; status?: string | undefined; last: number }
type Result = z.infer<typeof ordersResult>

export async function runOrders(
  input: Input,
  context: Context,
): Promise<{ exitCode: 0; result: Result; text: string }> {
  return withDesk(context, input, async (desk) => {
    const bots = await desk.names()
    const names = new Map(bots.map(({ id, name }) => [id, name]))
    const botId = input.bot === undefined ? null : findBot(bots, input.bot).id
    const found = await desk.orders({ botId, status: input.status, last: input.last })
    const orders = found.map((order) => ({ ...order, botName: names.get(order.botId) ?? null }))
    return { exitCode: 0, result: { orders }, text: textOf(orders, input, context) }
  })
}

function textOf(orders: Result['orders'], { bot, status, last }: Input, context: Context): string {
  if (orders.length === 0)
    return status === undefined
      ? 'There is no order yet. tradebotctl bots show BOT says why a bot is not trading.'
      : `No order is ${status}.`
  const table = orderTable(orders, context, bot === undefined)
  return orders.length < last ? table : `${table}\n\nThe newest ${last}; --last N shows more.`
}

/** Orders as a table; `withBots` has a column that says whose each is. */
export function orderTable(
  orders: readonly (OrderShape & { botName?: string | null })[],
  context: Context,
  withBots: boolean,
): string {
  const columns = [
    { title: 'ID', right: true as const },
    { title: 'WHEN', right: true as const },
    ...(withBots ? [{ title: 'BOT', names: true as const }] : []),
    { title: 'WHAT' },
    { title: 'STATUS' },
    { title: 'AMOUNT', right: true as const, spare: true as const },
    { title: 'FILLED', right: true as const },
    { title: 'PRICE', right: true as const },
    { title: 'WHY', least: 12 },
  ]
  const rows = orders.map((order) => [
    order.id,
    relativeTime(order.createdAt, Date.now()),
    ...(withBots ? [plainLine(order.botName ?? `bot ${order.botId}, deleted`)] : []),
    `${order.side} ${order.purpose}`,
    { text: order.status, paint: painterOf(order.status, context.paint) },
    order.amount,
    order.filled,
    order.averagePrice ?? order.stopPrice ?? order.price ?? '–',
    plainLine(order.errorMessage ?? order.reason),
  ])
  return tableOf(columns, rows, terminalWidth(context))
}
