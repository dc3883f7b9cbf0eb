import { CommandError } from '#trading/domain/errors.ts'

/** Nobody is signed in, or email and password do not match. */
export class UnauthenticatedError extends CommandError {
  readonly code = 'UNAUTHENTICATED'
  constructor(message = 'Sign in first.') {
    super(message)
    this.name = 'UnauthenticatedError'
  }
}

/** Too many tries; `retryAfterSeconds` says when the next is heard. */
export class RateLimitedError extends CommandError {
  readonly code = 'RATE_LIMITED'
  readonly retryAfterSeconds: number
  constructor(retryAfterSeconds: number) {
    super(`Too many attempts. Try again in ${retryAfterSeconds} seconds.`)
    this.name = 'RateLimitedError'
    this.retryAfterSeconds = retryAfterSeconds
  }
}
