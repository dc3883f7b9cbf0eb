import type { ValidationIssue } from '../domain/errors.ts'
import { ValidationError } from '../domain/errors.ts'
import type { Db, Tx } from './pool.ts'

export type NewAccount = { email: string; username: string; password: string }

const PASSWORD_LENGTH = { min: 8, max: 200 }

/** Trims email and username and lower-cases the email; every rule that the account breaks, each with its field. */
export function checkAccount(account: NewAccount): { account: NewAccount; issues: ValidationIssue[] } {
  const email = account.email.trim().toLowerCase()
  const username = account.username.trim()
  const issues: ValidationIssue[] = []
  if (!/^[^\s@]+@[^\s@]+$/.test(email) || email.length > 254) {
    issues.push({
      path: ['email'],
      message: 'email must be an address like you@example.com, of at most 254 characters.',
    })
  }
  if (!/^[^\p{C}]{3,40}$/u.test(username)) {
    issues.push({ path: ['username'], message: 'username must have 3 to 40 printable characters.' })
  }
  issues.push(...passwordIssues(account.password))
  return { account: { email, username, password: account.password }, issues }
}

/** What is wrong with a new password; empty: nothing. */
export function passwordIssues(password: string): ValidationIssue[] {
  const { min, max } = PASSWORD_LENGTH
  if (password.length >= min && password.length <= max) return []
  return [{ path: ['password'], message: `password must have ${min} to ${max} characters.` }]
}

/** Gives the account another password and ends all its sessions; answers how many. */
export async function replacePassword(tx: Tx, userId: string, passwordHash: string): Promise<number> {
  await tx.query('UPDATE users SET password_hash = $2 WHERE id = $1', [userId, passwordHash])
  return (await tx.query('DELETE FROM sessions WHERE user_id = $1', [userId])).rowCount ?? 0
}

/**
 * Writes a new user and the counter of their events. `onlyFirst`: refused when any account exists; two who come at once are told apart by
 * an advisory lock. @throws ValidationError when email or username is taken
 */
export async function createAccount(
  tx: Tx,
  account: { email: string; username: string; passwordHash: string },
  options: { onlyFirst: boolean },
): Promise<string> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [signUpLock])
  if (options.onlyFirst && (await hasAccounts(tx))) throw new ValidationError([SIGN_UP_CLOSED])
  const taken = await tx.query<{ email_taken: boolean; username_taken: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM users WHERE email = $1) AS email_taken,
            EXISTS (SELECT 1 FROM users WHERE username_key = $2) AS username_taken`,
    [account.email, account.username.toLowerCase()],
  )
  const issues: ValidationIssue[] = []
  if (taken.rows[0]?.email_taken)
    issues.push({ path: ['email'], message: 'email is taken by another account.' })
  if (taken.rows[0]?.username_taken) issues.push({ path: ['username'], message: 'username is taken.' })
  if (issues.length > 0) throw new ValidationError(issues)
  const { rows } = await tx.query<{ id: string }>(
    `INSERT INTO users (email, username, username_key, password_hash, created_at)
     VALUES ($1, $2, $3, $4, tradebot_now()) RETURNING id`,
    [account.email, account.username, account.username.toLowerCase(), account.passwordHash],
  )
  const id = rows[0]?.id
  if (id === undefined) throw new Error('INSERT INTO users answered no row.')
  await tx.query('INSERT INTO event_counters (user_id) VALUES ($1)', [id])
  return id
}

export const SIGN_UP_CLOSED: ValidationIssue = {
  path: [],
  message: 'Sign-up is closed here: ask the person who runs this TradeBot (TRADEBOT_SIGNUP).',
}

export async function hasAccounts(db: Db): Promise<boolean> {
  const { rows } = await db.query<{ found: boolean }>('SELECT EXISTS (SELECT 1 FROM users) AS found')
  return rows[0]?.found === true
}

/** The account to sign in to; null when no such email is known. */
export async function findAccount(
  db: Db,
  email: string,
): Promise<{ id: string; passwordHash: string } | null> {
  const { rows } = await db.query<{ id: string; password_hash: string }>(
    'SELECT id, password_hash FROM users WHERE email = $1',
    [email.trim().toLowerCase()],
  )
  const row = rows[0]
  return row === undefined ? null : { id: row.id, passwordHash: row.password_hash }
}

/** One sign-up at a time ("TBsu" in ASCII). */
const signUpLock = 0x54427375
