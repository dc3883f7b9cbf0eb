import {
  CommandError,
  InvalidTransitionError,
  NotFoundError,
  OpenPositionError,
  StaleRevisionError,
  ValidationError,
  type ValidationIssue,
} from '#trading/domain/errors.ts'
import { RateLimitedError, UnauthenticatedError } from '../auth/account-errors.ts'
import { builder } from './builder.ts'
import { BotCommandEnum, BotStatusEnum } from './enums.ts'

const ErrorInterface = builder.interfaceRef<CommandError>('Error').implement({
  description: 'Why a command was refused. `code` is stable, `message` is for people.',
  fields: (t) => ({ code: t.exposeString('code'), message: t.exposeString('message') }),
})

export const ValidationIssueType = builder.objectRef<ValidationIssue>('ValidationIssue').implement({
  description:
    'A rule that a value breaks. `path` leads to the value from the input object, or names the argument.',
  fields: (t) => ({ path: t.exposeStringList('path'), message: t.exposeString('message') }),
})

builder.objectType(ValidationError, {
  name: 'ValidationError',
  interfaces: [ErrorInterface],
  isTypeOf: (value) => value instanceof ValidationError,
  fields: (t) => ({ issues: t.field({ type: [ValidationIssueType], resolve: (error) => error.issues }) }),
})

builder.objectType(NotFoundError, {
  name: 'NotFoundError',
  interfaces: [ErrorInterface],
  isTypeOf: (value) => value instanceof NotFoundError,
})

builder.objectType(InvalidTransitionError, {
  name: 'InvalidTransitionError',
  description: "The bot's state does not allow the command.",
  interfaces: [ErrorInterface],
  isTypeOf: (value) => value instanceof InvalidTransitionError,
  fields: (t) => ({
    status: t.field({ type: BotStatusEnum, resolve: (error) => error.status }),
    command: t.field({ type: BotCommandEnum, resolve: (error) => error.command }),
  }),
})

builder.objectType(OpenPositionError, {
  name: 'OpenPositionError',
  description: 'Stopping or deleting a bot that holds a position needs openPosition to be chosen.',
  interfaces: [ErrorInterface],
  isTypeOf: (value) => value instanceof OpenPositionError,
})

builder.objectType(StaleRevisionError, {
  name: 'StaleRevisionError',
  description: 'The update was made against an older revision of the configuration.',
  interfaces: [ErrorInterface],
  isTypeOf: (value) => value instanceof StaleRevisionError,
  fields: (t) => ({ currentRevision: t.exposeInt('currentRevision') }),
})

builder.objectType(UnauthenticatedError, {
  name: 'UnauthenticatedError',
  interfaces: [ErrorInterface],
  isTypeOf: (value) => value instanceof UnauthenticatedError,
})

builder.objectType(RateLimitedError, {
  name: 'RateLimitedError',
  interfaces: [ErrorInterface],
  isTypeOf: (value) => value instanceof RateLimitedError,
  fields: (t) => ({ retryAfterSeconds: t.exposeInt('retryAfterSeconds') }),
})
