import { createHash, randomBytes } from 'node:crypto'

/** 256 random bits; `prefix` tells people (and secret scanners) what it is. */
export function makeToken(prefix = ''): string {
  return `${prefix}${randomBytes(32).toString('base64url')}`
}

/** What the database keeps of a token: with 256 random bits, a plain hash is enough. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
