import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { withTestServer } from '#server/testing.ts'
import { type RunOptions, tradebotctl } from '../testing/run.ts'
import { loginResult } from './shapes.ts'

vi.setConfig({ testTimeout: 120_000 })

const server = withTestServer()
const folder = mkdtempSync(path.join(tmpdir(), 'tradebotctl-login-'))
const dataDir = path.join(folder, 'data')
const stored = path.join(dataDir, 'cli-token')
const password = path.join(folder, 'password')
writeFileSync(password, 'a long enough password\n')
afterAll(() => rmSync(folder, { recursive: true }))

let me: Awaited<ReturnType<typeof server.account>>
beforeAll(async () => {
  me = await server.account('trader')
})

function run(args: string[], more: RunOptions = {}) {
  return tradebotctl(args, {
    ...more,
    env: {
      TRADEBOT_DATA_DIR: dataDir,
      TRADEBOT_URL: server.url(),
      TRADEBOT_TOKEN: '',
      ...more.env,
    },
  })
}

async function tokens(): Promise<string[]> {
  const { data } = await me.run('{ apiTokens { name } }')
  return z
    .array(z.object({ name: z.string() }))
    .parse(data.apiTokens)
    .map(({ name }) => name)
}

const tokenOf = () => z.object({ token: z.string() }).parse(JSON.parse(readFileSync(stored, 'utf8'))).token

test('login stores a token for its owner alone, the commands use it, and logout ends it here and there', async () => {
  const login = ['login', '--email', 'Trader@example.com', '--password-file']
  const first = await run([...login, password])
  expect(first).toMatchObject({ code: 0, stderr: '' })
  expect(statSync(stored).mode & 0o777).toBe(0o600)
  expect(first.stdout).not.toContain(tokenOf())
  expect(await tokens()).toEqual([`tradebotctl@${hostname()}`])
  const before = tokenOf()
  const again = await run([...login, '-', '--json'], { stdin: 'a long enough password' })
  expect(loginResult.parse(again.json().result)).toEqual({
    url: server.url(),
    email: 'trader@example.com',
    tokenName: `tradebotctl@${hostname()}`,
    file: stored,
  })
  expect(tokenOf()).not.toBe(before)
  // The token of before is deleted with it, and the session has ended.
  expect(await tokens()).toHaveLength(1)
  const { rows } = await server.db.pool.query(`SELECT FROM sessions`)
  expect(rows).toHaveLength(1)

  // The token goes to no address but the one that it was made for, not even to another of this machine.
  const heard: string[] = []
  const stranger = createServer((request, response) => {
    heard.push(request.headers.authorization ?? '')
    response.end()
  })
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
  const { port } = z.object({ port: z.number() }).parse(stranger.address())
  const elsewhere = `http://127.0.0.1:${port}`
  const given = path.join(folder, 'given')
  writeFileSync(given, 'tb_given')
  const [list, byUrl, byEnv, byName, byFile] = await Promise.all([
    run(['bots', 'list']),
    run(['bots', 'list', '--url', elsewhere, '--json']),
    run(['bots', 'list', '--json'], { env: { TRADEBOT_URL: elsewhere } }),
    run(['bots', 'list', '--url', server.url().replace('127.0.0.1', 'localhost'), '--json']),
    run(['bots', 'list', '--url', elsewhere, '--token-file', given]),
  ])
  stranger.close()
  expect(list).toMatchObject({ code: 0, stderr: '' })
  expect(byName.json()).toMatchObject({ exitCode: 4, error: { code: 'TOKEN_ELSEWHERE' } })
  for (const refused of [byUrl, byEnv])
    expect(refused.json()).toMatchObject({
      exitCode: 4,
      error: {
        code: 'TOKEN_ELSEWHERE',
        hint: expect.stringContaining(`tradebotctl login --url ${elsewhere}`),
      },
    })
  expect(byFile.code).toBe(3)
  expect(heard).toEqual(['Bearer tb_given'])
  chmodSync(stored, 0o644)
  expect((await run(['bots', 'list', '--json'])).json()).toMatchObject({
    exitCode: 4,
    error: { code: 'TOKEN_FILE_OPEN' },
  })
  chmodSync(stored, 0o600)

  const out = await run(['logout'])
  expect(out).toMatchObject({ code: 0, stderr: '' })
  expect(existsSync(stored)).toBe(false)
  expect(await tokens()).toEqual([])
  expect((await run(['logout', '--json'])).json().result).toEqual({ url: null, email: null })
})

test('a wrong password, no terminal, and a server that is down are told; nothing is stored', async () => {
  const wrong = path.join(folder, 'wrong')
  writeFileSync(wrong, 'not the password')
  const login = ['login', '--email', 'trader@example.com', '--password-file']
  const [refused, noEmail, noPassword, down] = await Promise.all([
    run([...login, wrong, '--json']),
    run(['login', '--password-file', wrong]),
    run(['login', '--email', 'trader@example.com']),
    run([...login, wrong, '--url', 'http://127.0.0.1:1987']),
  ])
  expect(refused.json()).toMatchObject({ exitCode: 3, error: { code: 'SIGN_IN_REFUSED' } })
  expect(noEmail).toMatchObject({ code: 2, stdout: '' })
  expect(noPassword.stderr).toContain('--password-file FILE')
  expect(down.code).toBe(3)
  expect(down.stderr).not.toContain('--direct')
  expect(existsSync(stored)).toBe(false)
  expect(await tokens()).toEqual([])
})

test('logout keeps the token while the server cannot be told, and forgets one that the server has forgotten', async () => {
  expect((await run(['login', '--email', 'trader@example.com', '--password-file', password])).code).toBe(0)
  const kept = readFileSync(stored, 'utf8')
  writeFileSync(stored, kept.replace(server.url(), 'http://127.0.0.1:1987'))
  const down = await run(['logout'])
  expect(down.code).toBe(3)
  expect(down.stderr).toContain('is still good there')
  expect(down.stderr).not.toContain('--direct')
  writeFileSync(stored, kept)
  await server.db.pool.query(`DELETE FROM api_tokens`)
  expect((await run(['logout'])).code).toBe(0)
  expect(existsSync(stored)).toBe(false)
})

test('after a restore login and logout delete no token that only has the number of the former one', async () => {
  const login = ['login', '--email', 'trader@example.com', '--password-file', password]
  const next = (id: string) =>
    server.db.pool.query(`SELECT setval(pg_get_serial_sequence('api_tokens', 'id'), $1, false)`, [id])
  const numberOf = () =>
    z.object({ tokenId: z.string() }).parse(JSON.parse(readFileSync(stored, 'utf8'))).tokenId
  expect((await run(login)).code).toBe(0)
  const former = numberOf()
  const kept = readFileSync(stored, 'utf8')
  await server.db.pool.query(`DELETE FROM api_tokens`)
  // The number goes to another token.
  await next(former)
  await me.run('mutation { createApiToken(name: "script") { __typename } }')
  expect(await run(login)).toMatchObject({ code: 0, stderr: '' })
  expect(await tokens()).toEqual([`tradebotctl@${hostname()}`, 'script'])
  expect((await run(['bots', 'list'])).code).toBe(0)
  // The number goes to the token that login makes.
  await server.db.pool.query(`DELETE FROM api_tokens`)
  await next(numberOf())
  expect(await run(login)).toMatchObject({ code: 0, stderr: '' })
  expect((await run(['bots', 'list'])).code).toBe(0)
  // A token that is good, under a number that is another's.
  await me.run('mutation { createApiToken(name: "script") { __typename } }')
  const mine = readFileSync(stored, 'utf8')
  const [{ id: script }] = z
    .tuple([z.object({ id: z.string() })])
    .parse((await server.db.pool.query(`SELECT id::text FROM api_tokens WHERE name = 'script'`)).rows)
  writeFileSync(stored, mine.replace(/"tokenId": ".*"/, `"tokenId": "${script}"`))
  const out = await run(['logout', '--json'])
  expect(out.json()).toMatchObject({ exitCode: 4, error: { code: 'TOKEN_OTHER' } })
  expect(await tokens()).toEqual(['script', `tradebotctl@${hostname()}`])
  writeFileSync(stored, kept)
  expect((await run(['logout'])).code).toBe(0)
  expect(await tokens()).toHaveLength(2)
})

test('after ten wrong passwords the server hears none for a while: exit code 3', async () => {
  for (let i = 0; i < 10; i++)
    await server.call('mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }', {
      input: { email: 'often@example.com', password: 'wrong' },
    })
  const limited = await run(['login', '--email', 'often@example.com', '--password-file', password, '--json'])
  expect(limited.json()).toMatchObject({ exitCode: 3, error: { code: 'RATE_LIMITED' } })
})
