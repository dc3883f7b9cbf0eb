import { expect, test } from 'vitest'
import { cookieOf, withTestServer } from './testing.ts'

const server = withTestServer()
const SIGN_UP = `mutation ($input: SignUpInput!) { signUp(input: $input) { __typename
  ... on User { id email username } ... on ValidationError { issues { path message } } ... on RateLimitedError { retryAfterSeconds } } }`
const SIGN_IN = `mutation ($input: SignInInput!) { signIn(input: $input) { __typename
  ... on User { username } ... on Error { code message } ... on RateLimitedError { retryAfterSeconds } } }`

const signIn = (email: string, password: string, caller = {}) =>
  server.call(SIGN_IN, { input: { email, password } }, caller)

test('wrong sign-up fields are named with their rule, and nothing is written', async () => {
  const input = { email: 'nobody', username: 'x', password: 'short' }
  const { data } = await server.call(SIGN_UP, { input })
  expect(data.signUp.__typename).toBe('ValidationError')
  expect(data.signUp.issues.map((issue: { path: string[] }) => issue.path)).toEqual([
    ['email'],
    ['username'],
    ['password'],
  ])
  expect(data.signUp.issues[2].message).toBe('password must have 8 to 200 characters.')
  const { rows } = await server.db.pool.query('SELECT 1 FROM users')
  expect(rows).toEqual([])
})

test('email and username are unique in any case', async () => {
  await server.account('ada')
  const input = { email: 'ADA@example.com', username: 'Ada', password: 'a long enough password' }
  const { data } = await server.call(SIGN_UP, { input })
  expect(data.signUp.issues.map((issue: { path: string[] }) => issue.path)).toEqual([['email'], ['username']])
})

test('the session cookie is HttpOnly and Lax, signs in, is rotated, and ends at sign-out', async () => {
  const bob = await server.account('bob')
  const first = await signIn('Bob@Example.com ', 'a long enough password', { cookie: bob.cookie })
  expect(first.data.signIn).toEqual({ __typename: 'User', username: 'bob' })
  expect(first.headers.getSetCookie()[0]).toMatch(/; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/)
  const cookie = cookieOf(first)
  expect(cookie).not.toBe(bob.cookie)
  const viewer = async (caller: object) =>
    (await server.call('{ viewer { username } }', {}, caller)).data.viewer
  expect(await viewer({ cookie })).toEqual({ username: 'bob' })
  expect(await viewer({ cookie: bob.cookie })).toBeNull()
  const out = await server.call('mutation { signOut }', {}, { cookie })
  expect(out.data.signOut).toBe(true)
  expect(out.headers.getSetCookie()[0]).toContain('Max-Age=0')
  expect(await viewer({ cookie })).toBeNull()
})

test('a session that has not been used for 30 days is over; a used one slides', async () => {
  const eve = await server.account('eve')
  await server.db.pool.query(
    `UPDATE sessions SET last_seen_at = now() - interval '29 days', expires_at = now() + interval '1 day' WHERE user_id = $1`,
    [eve.id],
  )
  const slid = await eve.run('{ viewer { id } }')
  expect(slid.data.viewer.id).toBe(eve.id)
  expect(cookieOf(slid)).toBe(eve.cookie)
  const { rows } = await server.db.pool.query<{ days: number }>(
    `SELECT round(extract(epoch FROM expires_at - now()) / 86400)::int AS days FROM sessions WHERE user_id = $1`,
    [eve.id],
  )
  expect(rows[0]?.days).toBe(30)
  await server.db.pool.query(`UPDATE sessions SET expires_at = now() WHERE user_id = $1`, [eve.id])
  expect((await eve.run('{ viewer { id } }')).data.viewer).toBeNull()
})

test('wrong passwords and unknown emails get the same answer, and ten of them a pause', async () => {
  await server.account('carl')
  const wrong = await signIn('carl@example.com', 'not it at all')
  const unknown = await signIn('nobody@example.com', 'not it at all')
  expect(wrong.data).toEqual(unknown.data)
  expect(wrong.data.signIn).toMatchObject({ __typename: 'UnauthenticatedError', code: 'UNAUTHENTICATED' })
  for (let attempt = 0; attempt < 9; attempt++) await signIn('carl@example.com', 'not it at all')
  const limited = await signIn('carl@example.com', 'a long enough password')
  expect(limited.data.signIn.__typename).toBe('RateLimitedError')
  expect(limited.data.signIn.retryAfterSeconds).toBeGreaterThan(200)
  expect((await signIn('ada@example.com', 'a long enough password')).data.signIn.__typename).toBe('User')
})

test('twenty sign-ins at once all succeed, and others are answered meanwhile', async () => {
  await server.account('crowd')
  const crowd = Array.from({ length: 20 }, () => signIn('crowd@example.com', 'a long enough password'))
  const begun = performance.now()
  await server.call('{ viewer { id } }')
  expect(performance.now() - begun).toBeLessThan(1_000)
  for (const answer of await Promise.all(crowd)) expect(answer.data.signIn.__typename).toBe('User')
})

test('the cookie alone is not enough: other sites can send it, but not the header', async () => {
  const dora = await server.account('dora')
  const post = (headers: Record<string, string>, query: string) =>
    fetch(`${server.url()}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
    })
  const refused = await post({ cookie: dora.cookie }, 'mutation { haltTrading { haltedAt } }')
  expect(refused.status).toBe(403)
  expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'CSRF' } }] })
  const signedIn = await post(
    {},
    'mutation { signIn(input: {email: "dora@example.com", password: "a long enough password"}) { __typename } }',
  )
  expect(signedIn.headers.getSetCookie()).toEqual([])
  expect(await signedIn.json()).toMatchObject({
    errors: [{ message: expect.stringContaining('x-tradebot-csrf') }],
  })
  const foreign = await post(
    { cookie: dora.cookie, 'x-tradebot-csrf': '1', origin: 'https://evil.example' },
    '{ viewer { id } }',
  )
  expect(foreign.status).toBe(403)
  expect(foreign.headers.get('access-control-allow-origin')).toBeNull()
  const { rows } = await server.db.pool.query('SELECT 1 FROM users WHERE id = $1 AND halted_at IS NOT NULL', [
    dora.id,
  ])
  expect(rows).toEqual([])
})

test('an API token works without cookie and header, is kept hashed only, and ends when it is deleted', async () => {
  const finn = await server.account('finn')
  const { data } = await finn.run(
    'mutation { createApiToken(name: " robot ") { ... on IssuedApiToken { token apiToken { id name lastUsedAt } } } }',
  )
  const { token, apiToken } = data.createApiToken
  expect(token).toMatch(/^tb_[\w-]{43}$/)
  expect(apiToken).toEqual({ id: expect.any(String), name: 'robot', lastUsedAt: null })
  const stored = await server.db.pool.query<{ row: string }>('SELECT t::text AS row FROM api_tokens t')
  expect(stored.rows.some(({ row }) => row.includes(token))).toBe(false)
  const viewer = await server.call('{ viewer { username } apiTokens { lastUsedAt } }', {}, { bearer: token })
  expect(viewer.data.viewer.username).toBe('finn')
  expect(viewer.data.apiTokens[0].lastUsedAt).not.toBeNull()

  const other = await server.account('gwen')
  const remove = 'mutation ($id: ID!) { deleteApiToken(id: $id) { __typename } }'
  expect((await other.run(remove, { id: apiToken.id })).data.deleteApiToken.__typename).toBe('NotFoundError')
  expect((await finn.run(remove, { id: 'nonsense' })).data.deleteApiToken.__typename).toBe('NotFoundError')
  expect((await finn.run(remove, { id: apiToken.id })).data.deleteApiToken.__typename).toBe('Deleted')
  const after = await server.call('{ viewer { id } bots { totalCount } }', {}, { bearer: token })
  expect(after.errors[0]?.extensions?.['code']).toBe('UNAUTHENTICATED')
  const nameless = await finn.run(
    'mutation { createApiToken(name: " ") { ... on ValidationError { issues { path message } } } }',
  )
  expect(nameless.data.createApiToken.issues).toEqual([
    { path: ['name'], message: 'name must have 1 to 100 printable characters.' },
  ])
})
