import { z } from 'zod'
import { CouldNotError, type KnownError, RefusedError, UsageError } from '../frame/errors.ts'

/** Why a command was refused, as the API's unions have it, and as trading/domain/errors.ts throws it. */
export type Refusal = {
  code: string
  message: string
  issues?: readonly { path: readonly string[]; message: string }[] | undefined
}

/** A member of a mutation's union that is an error; every such selection asks for code and message, and issues where there are some. */
export const refusalShape = z.object({
  code: z.string(),
  message: z.string(),
  issues: z.array(z.object({ path: z.array(z.string()), message: z.string() })).optional(),
})

/** The refusal as an error of this program. */
export function errorOf({ code, message, issues }: Refusal): KnownError {
  switch (code) {
    case 'VALIDATION':
      return new UsageError((issues ?? [{ message }]).map((issue) => issue.message).join('\n'))
    case 'NOT_FOUND':
      return new CouldNotError('BOT_UNKNOWN', message, { hint: 'tradebotctl bots list shows them all.' })
    case 'OPEN_POSITION':
      return new RefusedError(code, message, {
        hint: 'Say --close to sell it at market, or --keep to leave it as it is.',
      })
    case 'INVALID_TRANSITION':
      return new RefusedError(code, message)
    case 'UNAUTHENTICATED':
      return new CouldNotError('SIGN_IN_REFUSED', message)
    default:
      return new CouldNotError(code, message)
  }
}
