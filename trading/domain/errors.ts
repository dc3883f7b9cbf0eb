import type { BotCommand, BotStatus } from './bot-lifecycle.ts'

/** What a command may be refused with; the API shows each as the union member of the same name. `code` is stable. */
export abstract class CommandError extends Error {
  abstract readonly code: string
}

export type ValidationIssue = { path: string[]; message: string }

/** Values out of range, each with the field that holds it and the rule it breaks. Nothing was written. */
export class ValidationError extends CommandError {
  readonly code = 'VALIDATION'
  readonly issues: ValidationIssue[]
  constructor(issues: ValidationIssue[], message = issues.map((issue) => issue.message).join(' ')) {
    super(message)
    this.name = 'ValidationError'
    this.issues = issues
  }
}

/** No such thing among what the viewer owns. */
export class NotFoundError extends CommandError {
  readonly code = 'NOT_FOUND'
  constructor(what: string) {
    super(`There is no such ${what}.`)
    this.name = 'NotFoundError'
  }
}

/** The bot's state does not allow the command. */
export class InvalidTransitionError extends CommandError {
  readonly code = 'INVALID_TRANSITION'
  readonly status: BotStatus
  readonly command: BotCommand
  constructor(status: BotStatus, command: BotCommand, message: string) {
    super(message)
    this.name = 'InvalidTransitionError'
    this.status = status
    this.command = command
  }
}

/** Stopping or deleting needs a choice, because a position is open or an order unsettled. */
export class OpenPositionError extends CommandError {
  readonly code = 'OPEN_POSITION'
  constructor(message: string) {
    super(message)
    this.name = 'OpenPositionError'
  }
}

/** The update was made against an older revision. */
export class StaleRevisionError extends CommandError {
  readonly code = 'STALE_REVISION'
  readonly currentRevision: number
  constructor(currentRevision: number) {
    super(
      `The bot was changed meanwhile: it is at revision ${currentRevision} now. Read it again, then repeat your change.`,
    )
    this.name = 'StaleRevisionError'
    this.currentRevision = currentRevision
  }
}
