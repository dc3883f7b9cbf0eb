import {
  InvalidTransitionError,
  NotFoundError,
  OpenPositionError,
  StaleRevisionError,
  ValidationError,
} from '#trading/domain/errors.ts'
import { createBot, deleteBot, pauseBot, resumeBot, startBot, stopBot } from '#trading/store/bot-commands.ts'
import { updateBot } from '#trading/store/update-bot.ts'
import { configFrom, changesFrom } from '../bots/config-from-input.ts'
import { saveAlone } from '../bots/key-issues.ts'
import { createIssues, updateChecks } from '../bots/validate-bot.ts'
import { runCommand } from '../bots/run-command.ts'
import { Bot, readBot } from './bot.ts'
import { CreateBotInput, UpdateBotInput } from './bot-input.ts'
import { builder } from './builder.ts'
import { Deleted } from './deleted.ts'
import { OpenPositionPolicyEnum } from './enums.ts'
import { ValidationIssueType } from './errors.ts'

builder.queryField('validateBot', (t) =>
  t.field({
    type: [ValidationIssueType],
    description: 'What createBot would refuse in this input; empty when it would save it. Writes nothing.',
    args: { input: t.arg({ type: CreateBotInput, required: true }) },
    resolve: async (_root, { input }, context) => (await createIssues(context, configFrom(input))).issues,
  }),
)

builder.mutationFields((t) => ({
  createBot: t.field({
    type: Bot,
    errors: { types: [ValidationError] },
    args: { input: t.arg({ type: CreateBotInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const config = configFrom(input)
      const { issues, lockKey } = await createIssues(context, config)
      if (issues.length > 0) throw new ValidationError(issues)
      const save = () =>
        runCommand(context, async (tx, actor) => {
          await lockKey(tx)
          return createBot(tx, actor, config)
        })
      const id = await saveAlone(context.services.pool, { botId: null, config }, save)
      return readBot(context, id)
    },
  }),

  updateBot: t.field({
    type: Bot,
    description: 'Takes effect at the next tick.',
    errors: { types: [ValidationError, NotFoundError, InvalidTransitionError, StaleRevisionError] },
    args: { input: t.arg({ type: UpdateBotInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const { changes, issues } = changesFrom(input)
      const checks = await updateChecks(context, input.id, changes)
      const save = () =>
        runCommand(context, async (tx, actor) => {
          const keyIssues = await checks.lockKey(tx)
          await updateBot(tx, actor, { id: input.id, revision: input.revision, changes }, (config) => [
            ...issues,
            ...keyIssues,
            ...checks.check(config),
          ])
          // Nothing but refused nulls: no change, and so no check, has told of them.
          if (issues.length > 0) throw new ValidationError(issues)
        })
      await saveAlone(context.services.pool, { botId: input.id, config: checks.config }, save)
      return readBot(context, input.id)
    },
  }),

  deleteBot: t.field({
    type: Deleted,
    description:
      'Keeps the history, and settles first: a bot whose position is being closed goes when that is done.',
    errors: { types: [NotFoundError, InvalidTransitionError, OpenPositionError] },
    args: { id: t.arg.id({ required: true }), openPosition: t.arg({ type: OpenPositionPolicyEnum }) },
    resolve: async (_root, { id, openPosition }, context) => {
      await runCommand(context, (tx, actor) => deleteBot(tx, actor, id, openPosition ?? null))
      return { id }
    },
  }),

  startBot: t.field({
    type: Bot,
    errors: { types: [NotFoundError, InvalidTransitionError] },
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context) => {
      await runCommand(context, (tx, actor) => startBot(tx, actor, id))
      return readBot(context, id)
    },
  }),

  pauseBot: t.field({
    type: Bot,
    description: 'No new entries; an open position is still guarded.',
    errors: { types: [NotFoundError, InvalidTransitionError] },
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context) => {
      await runCommand(context, (tx, actor) => pauseBot(tx, actor, id))
      return readBot(context, id)
    },
  }),

  resumeBot: t.field({
    type: Bot,
    errors: { types: [NotFoundError, InvalidTransitionError] },
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context) => {
      await runCommand(context, (tx, actor) => resumeBot(tx, actor, id))
      return readBot(context, id)
    },
  }),

  stopBot: t.field({
    type: Bot,
    errors: { types: [NotFoundError, InvalidTransitionError, OpenPositionError] },
    args: { id: t.arg.id({ required: true }), openPosition: t.arg({ type: OpenPositionPolicyEnum }) },
    resolve: async (_root, { id, openPosition }, context) => {
      await runCommand(context, (tx, actor) => stopBot(tx, actor, id, openPosition ?? null))
      return readBot(context, id)
    },
  }),
}))
