import { describe, expect, test } from 'vitest'
import { withTestServer } from './testing.ts'

const SIGN_UP = `mutation ($input: SignUpInput!) { signUp(input: $input) { __typename
  ... on ValidationError { issues { path message } } ... on RateLimitedError { retryAfterSeconds } } }`

function inputOf(username: string, code?: string) {
  return { email: `${username}@example.com`, username, password: 'a long enough password', code }
}

describe('TRADEBOT_SIGNUP=first', () => {
  const server = withTestServer({ signup: 'first' })

  test('of several who come at once exactly one gets the account', async () => {
    const answers = await Promise.all(
      ['one', 'two', 'three', 'four'].map((name) => server.call(SIGN_UP, { input: inputOf(name) })),
    )
    const types = answers.map(({ data }) => data.signUp.__typename)
    expect(types.toSorted()).toEqual(['User', 'ValidationError', 'ValidationError', 'ValidationError'])
    const late = await server.call(SIGN_UP, { input: inputOf('five') })
    expect(late.data.signUp.issues).toEqual([
      { path: [], message: expect.stringContaining('Sign-up is closed') },
    ])
    const { rows } = await server.db.pool.query('SELECT 1 FROM users')
    expect(rows).toHaveLength(1)
  })
})

describe('TRADEBOT_SIGNUP=closed', () => {
  const server = withTestServer({ signup: 'closed' })

  test('nobody gets an account', async () => {
    const { data } = await server.call(SIGN_UP, { input: inputOf('one') })
    expect(data.signUp.issues).toEqual([{ path: [], message: expect.stringContaining('Sign-up is closed') }])
  })
})

describe('listening beyond loopback', () => {
  const server = withTestServer({ host: '0.0.0.0', signup: 'open', signupCode: 'the-code' })

  test('the first sign-up needs the code, guesses are limited, and later ones need none', async () => {
    const attempt = async (name: string, code?: string) =>
      (await server.call(SIGN_UP, { input: inputOf(name, code) })).data.signUp
    expect((await attempt('one')).issues).toEqual([{ path: ['code'], message: expect.any(String) }])
    expect((await attempt('one', 'a-guess')).issues[0].path).toEqual(['code'])
    expect((await attempt('one', 'the-code')).__typename).toBe('User')
    expect((await attempt('two')).__typename).toBe('User')
    await server.db.pool.query('DELETE FROM users')
    for (let guess = 0; guess < 8; guess++) await attempt('three', `guess ${guess}`)
    expect((await attempt('three', 'the-code')).__typename).toBe('RateLimitedError')
  })
})
