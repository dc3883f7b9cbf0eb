import { GraphQLError } from 'graphql'
import { UnauthenticatedError } from '../auth/account-errors.ts'
import type { Auth, Context } from '../context.ts'

/** Who is asking. The root guard has refused everyone else already; this is for the types, and for whoever forgets the guard. */
export function viewerOf(context: Context): Auth {
  if (context.auth === null) throw new UnauthenticatedError()
  return context.auth
}

/** An argument whose value cannot be right, where no union has a ValidationError. */
export function badInput(path: string[], message: string): GraphQLError {
  return new GraphQLError(`${path.join('.')}: ${message}`, { extensions: { code: 'BAD_USER_INPUT', path } })
}

/** A count argument: null is the default, and what is out of range is refused rather than bent. */
export function countArgument(
  name: string,
  value: number | null | undefined,
  fallback: number,
  most: number,
): number {
  const count = value ?? fallback
  if (count < 0 || count > most) throw badInput([name], `must be from 0 to ${most}; it is ${count}.`)
  return count
}
