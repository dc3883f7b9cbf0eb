import { GraphQLError } from 'graphql'
import { type BotRow, loadOwnBot } from '../live/bot-row.ts'
import { makeConflatingQueue } from '../live/conflating-queue.ts'
import { Bot } from './bot.ts'
import { builder } from './builder.ts'
import { badInput, viewerOf } from './viewer.ts'

builder.subscriptionField('botChanged', (t) =>
  t.field({
    type: Bot,
    description:
      'The bot now (at once if its version is past afterVersion), then the latest state after changes; steps may be merged. Ends when the bot is deleted.',
    args: { id: t.arg.id({ required: true }), afterVersion: t.arg.string() },
    subscribe: async (_root, { id, afterVersion }, context) => {
      if (afterVersion != null && !/^\d{1,18}$/.test(afterVersion)) {
        throw badInput(['afterVersion'], 'is not a version of a bot.')
      }
      const { feeds, prisma } = context.services
      const { userId } = viewerOf(context)
      let leave = () => undefined as void
      const queue = makeConflatingQueue<string, BotRow>({ onClose: () => leave() })
      let newest: BotRow | null = null
      const offer = (bot: BotRow) => {
        if (newest !== null && !isPast(bot, newest)) return
        newest = bot
        queue.push(id, bot)
      }
      // Watching first: what changes while we read the bot is not missed.
      leave = await feeds.bots.subscribe(userId, {
        changed: (bot) => String(bot.id) === id && offer(bot),
        gone: (botId) => botId === id && queue.end(),
      })
      const bot = await loadOwnBot(prisma, userId, id)
      if (bot === null) {
        leave()
        throw new GraphQLError('There is no such bot.', { extensions: { code: 'NOT_FOUND' } })
      }
      const known = afterVersion == null ? -1n : BigInt(afterVersion)
      if ((bot.state?.version ?? 0n) > known) offer(bot)
      else newest ??= bot
      return queue.values
    },
    resolve: (bot) => bot,
  }),
)

builder.subscriptionField('botsChanged', (t) =>
  t.field({
    type: Bot,
    description: "Any of the viewer's bots, after each change; the latest state, not every step.",
    subscribe: async (_root, _args, context) => {
      let leave = () => undefined as void
      const queue = makeConflatingQueue<bigint, BotRow>({ onClose: () => leave() })
      leave = await context.services.feeds.bots.subscribe(viewerOf(context).userId, {
        changed: (bot) => queue.push(bot.id, bot),
        gone: () => undefined,
      })
      return queue.values
    },
    resolve: (bot) => bot,
  }),
)

/** Whether `bot` is newer than `than`: neither its state's version nor its revision ever goes back. */
function isPast(bot: BotRow, than: BotRow): boolean {
  const version = (bot.state?.version ?? 0n) - (than.state?.version ?? 0n)
  const revision = bot.revision - than.revision
  return version >= 0n && revision >= 0 && (version > 0n || revision > 0)
}
