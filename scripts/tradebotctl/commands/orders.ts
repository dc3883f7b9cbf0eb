import { z } from 'zod'
import { ORDER_STATUSES } from '#trading/domain/order.ts'
import { apiInput, apiOptions, directInput, directOptions } from '../api/options.ts'
import { ordersResult } from '../bots/shapes.ts'
import { defineCommand } from '../frame/command.ts'

const LAST = 'must be a whole number from 1 to 10000.'

export const orders = defineCommand({
  name: 'orders',
  summary: 'List the orders of a bot, or of all of them, newest first',
  arguments: [['[bot]', 'its number, or its name where only one has it; without it all bots']],
  options: [
    ['--status <status>', `only those that are ${ORDER_STATUSES.join(', ')}`],
    ['--last <n>', 'how many at most (default 20)'],
    ...apiOptions,
    ...directOptions,
  ],
  examples: [
    ['tradebotctl orders', 'the newest of all bots'],
    ['tradebotctl orders Trend --last 100', 'of one bot'],
    ['tradebotctl orders --status UNKNOWN --json', 'what is being found out'],
  ],
  needs: 'packages',
  input: z.looseObject({
    bot: z.string().optional(),
    status: z
      .string()
      .toUpperCase()
      .pipe(z.enum(ORDER_STATUSES, `must be one of ${ORDER_STATUSES.join(', ')}.`))
      .optional(),
    last: z.coerce.number(LAST).int(LAST).min(1, LAST).max(10_000, LAST).default(20),
    ...apiInput,
    ...directInput,
  }),
  result: ordersResult,
  load: () => import('../bots/orders.ts').then((module) => module.runOrders),
})
