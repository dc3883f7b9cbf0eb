import { verify } from '@node-rs/argon2'
import { beforeAll, expect, test, vi } from 'vitest'
import { createSession } from '#trading/store/sessions.ts'
import { aSavedBot, aUser } from '#trading/store/bot.fixture.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { withPlace } from '../backup/books.fixture.ts'
import { resetPasswordResult, usersListResult } from './result-shape.ts'

vi.setConfig({ testTimeout: 120_000 })
const db = withTestDatabase()
const place = withPlace()
let user: { id: string; email: string }

beforeAll(async () => {
  const actor = await aUser(db.pool)
  await aSavedBot(db.pool, actor)
  await createSession(db.pool, actor.userId)
  await createSession(db.pool, actor.userId)
  await db.pool.query(`INSERT INTO api_tokens (user_id, name, token_hash) VALUES ($1, 't', 'h')`, [
    actor.userId,
  ])
  const { rows } = await db.pool.query<{ id: string; email: string }>('SELECT id::text, email FROM users')
  user = rows[0] ?? { id: '', email: '' }
})

const reset = (password: string, ...more: string[]) =>
  place.run(db.url, ['users', 'reset-password', user.email.toUpperCase(), '--password-file', '-', ...more], {
    stdin: password,
  })

async function passwordIs(password: string): Promise<boolean> {
  const { rows } = await db.pool.query<{ password_hash: string }>('SELECT password_hash FROM users')
  return verify(rows[0]?.password_hash ?? '', password)
}

test('users list shows who has an account', async () => {
  const json = await place.run(db.url, ['users', 'list', '--json'])
  expect(usersListResult.parse(json.json().result).users).toEqual([
    expect.objectContaining({ ...user, bots: 1, sessions: 2, apiTokens: 1, haltedAt: null }),
  ])
  const human = await place.run(db.url, ['users', 'list'])
  expect(human.code).toBe(0)
  expect(human.stdout).toMatch(new RegExp(`^ID +EMAIL.*\n${user.id} +${user.email} .* 1 +2 +1 +allowed\n$`))
})

test('a password that the server would not take is refused, and an unknown email too', async () => {
  const before = await db.pool.query('SELECT password_hash FROM users')
  const short = await reset('seven77')
  expect(short).toMatchObject({ code: 2, stdout: '' })
  expect(short.stderr).toContain('The new password must have 8 to 200 characters.')
  const args = ['users', 'reset-password', 'nobody@example.org', '--password-file', '-', '--json']
  const unknown = await place.run(db.url, args, { stdin: 'long enough' })
  expect(unknown).toMatchObject({ code: 3 })
  expect(unknown.json().error).toMatchObject({
    code: 'USER_UNKNOWN',
    hint: 'See who has: tradebotctl users list',
  })
  const unasked = await place.run(db.url, ['users', 'reset-password', user.email])
  expect(unasked).toMatchObject({ code: 2 })
  expect((await db.pool.query('SELECT password_hash FROM users')).rows).toEqual(before.rows)
})

test('a reset ends the sign-ins and keeps the tokens, unless they are to go', async () => {
  const human = await reset('a new password\n')
  expect(human).toMatchObject({ code: 0, stderr: '' })
  expect(human.stdout).toBe(
    `The password of ${user.email} is changed; 2 sign-ins ended.\n1 API tokens still hold; --revoke-tokens ends them too.\n`,
  )
  expect(await passwordIs('a new password')).toBe(true)
  const json = await reset('another password', '--revoke-tokens', '--json')
  expect(resetPasswordResult.parse(json.json().result)).toEqual({
    userId: user.id,
    email: user.email,
    sessionsEnded: 0,
    apiTokensRevoked: 1,
    apiTokensLeft: 0,
  })
  expect(await passwordIs('another password')).toBe(true)
})
