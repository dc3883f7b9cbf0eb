import { PothosValidationError } from '@pothos/core'
import { GraphQLError } from 'graphql'
import type { Logger } from '#trading/config/logger.ts'
import { CommandError } from '#trading/domain/errors.ts'
import { DataUnavailableError } from '#trading/store/wanted-data.ts'

/**
 * What a client hears of an error. Errors that were meant for it pass; everything else becomes a request id, under which the log has the
 * whole of it.
 */
export function maskError(error: unknown, requestId: string, logger: Logger): GraphQLError {
  if (!(error instanceof GraphQLError)) return unexpected(error, requestId, logger)
  const cause = error.originalError
  if (cause == null || cause instanceof GraphQLError) return error
  const where = { nodes: error.nodes ?? null, path: error.path ?? null }
  if (cause instanceof CommandError) {
    return new GraphQLError(cause.message, { ...where, extensions: { code: cause.code } })
  }
  if (cause instanceof DataUnavailableError) {
    return new GraphQLError(cause.message, { ...where, extensions: { code: 'UNAVAILABLE' } })
  }
  if (cause instanceof PothosValidationError) {
    return new GraphQLError(cause.message, { ...where, extensions: { code: 'BAD_USER_INPUT' } })
  }
  if (hasNul(cause)) {
    const message = 'Text must not contain the character U+0000, which PostgreSQL does not keep.'
    return new GraphQLError(message, { ...where, extensions: { code: 'BAD_USER_INPUT' } })
  }
  const masked = unexpected(cause, requestId, logger, error.path)
  return new GraphQLError(masked.message, { ...where, extensions: masked.extensions })
}

/** PostgreSQL's 22021: through pg, or inside what Prisma throws. */
function hasNul(error: Error): boolean {
  return (
    ('code' in error && error.code === '22021') ||
    /invalid byte sequence for encoding "UTF8": 0x00/.test(error.message)
  )
}

function unexpected(
  error: unknown,
  requestId: string,
  logger: Logger,
  path?: GraphQLError['path'],
): GraphQLError {
  logger.error({ err: error, requestId, path }, 'a request failed unexpectedly')
  return new GraphQLError(
    `Something went wrong here, not with your request. The log has it as ${requestId}.`,
    {
      extensions: { code: 'INTERNAL_SERVER_ERROR', requestId },
    },
  )
}
