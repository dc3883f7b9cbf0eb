import { NotFoundError, ValidationError } from '#trading/domain/errors.ts'
import { cancelBacktest, createBacktest, deleteBacktest } from '#trading/store/backtests.ts'
import { backtestFrom } from '../backtests/backtest-input.ts'
import { runCommand } from '../bots/run-command.ts'
import type { Context } from '../context.ts'
import { MOST_UPLOAD_BYTES } from '../http/upload-limit.ts'
import { loadOwnBacktest } from '../live/backtest-row.ts'
import { Backtest } from './backtest.ts'
import { CreateBotInput } from './bot-input.ts'
import { builder } from './builder.ts'
import { Deleted } from './deleted.ts'
import { viewerOf } from './viewer.ts'

export const BacktestInput = builder.inputType('BacktestInput', {
  description:
    'Either botId (a bot of yours, as it is configured now) or config. mode and apiKeyId play no part: a backtest fills on paper, with paperFeePerc and paperSlippagePerc.',
  fields: (t) => ({
    name: t.string({ description: "The configuration's, where none is given." }),
    botId: t.id(),
    config: t.field({ type: CreateBotInput }),
    from: t.field({
      type: 'DateTime',
      description: 'Needed without csv. Candles before it are read to warm the strategy up.',
    }),
    to: t.field({ type: 'DateTime', description: 'Needed without csv.' }),
    csv: t.string({
      description: `Candles instead of the database's and the exchange's: openTimeMs,open,high,low,close,volume with a header line, oldest first. A request has at most ${MOST_UPLOAD_BYTES / 1024 / 1024} MiB, some 100,000 candles; npx tradebotctl backtest takes larger files.`,
    }),
  }),
})

builder.mutationFields((t) => ({
  startBacktest: t.field({
    type: Backtest,
    description: 'Queued: a worker runs one at a time.',
    errors: { types: [ValidationError, NotFoundError] },
    args: { input: t.arg({ type: BacktestInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const { rows } = await context.services.pool.query<{ now: Date }>('SELECT tradebot_now() AS now')
      const given = await backtestFrom(context, input, rows[0]?.now ?? new Date(0))
      const id = await runCommand(context, (tx, actor) => createBacktest(tx, actor.userId, given))
      return readBacktest(context, id)
    },
  }),

  cancelBacktest: t.field({
    type: Backtest,
    description: 'One that runs ends within a second; one that has ended stays as it is.',
    errors: { types: [NotFoundError] },
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context) => {
      await runCommand(context, (tx, actor) => cancelBacktest(tx, actor.userId, id))
      return readBacktest(context, id)
    },
  }),

  deleteBacktest: t.field({
    type: Deleted,
    errors: { types: [NotFoundError] },
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context) => {
      await runCommand(context, (tx, actor) => deleteBacktest(tx, actor.userId, id))
      return { id }
    },
  }),
}))

async function readBacktest(context: Context, id: string) {
  const row = await loadOwnBacktest(context.services.prisma, viewerOf(context).userId, id)
  if (row === null) throw new NotFoundError('backtest')
  return row
}
