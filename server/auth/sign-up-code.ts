import { timingSafeEqual } from 'node:crypto'
import type { Env } from '#trading/config/env.ts'
import { hashToken } from '#trading/store/credential-token.ts'
import { isLoopbackHost } from '../http/origins.ts'

/**
 * Whether the first sign-up must prove that its author sees this process' output: where others can reach the server, or where whoever runs
 * it has set a code (behind a proxy the server itself listens on loopback).
 */
export function signUpCodeNeeded(env: Pick<Env, 'host' | 'signupCode'>): boolean {
  return !isLoopbackHost(env.host) || env.signupCode !== null
}

export function codeMatches(
  { signupCode }: Pick<Env, 'signupCode'>,
  given: string | null | undefined,
): boolean {
  if (signupCode === null || given == null) return false
  return timingSafeEqual(Buffer.from(hashToken(given.trim())), Buffer.from(hashToken(signupCode)))
}
