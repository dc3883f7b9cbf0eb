import { afterEach, expect, test } from 'vitest'
import { decryptApiKey } from '#trading/store/api-keys.ts'
import { botInput, CREATE_BOT, withTestServer } from './testing.ts'

const server = withTestServer()
const masterKey = Buffer.alloc(32, 1)

const ADD = `mutation ($input: AddApiKeyInput!) { addApiKey(input: $input) { __typename
  ... on ApiKey { id exchange label keyHint canTrade canTransfer canWithdraw } ... on ValidationError { issues { path message } } } }`
const REPLACE = `mutation ($input: ReplaceApiKeyInput!) { replaceApiKey(input: $input) { __typename
  ... on ApiKey { id keyHint canTrade } ... on ValidationError { issues { path message } } } }`
const DELETE = `mutation ($id: ID!) { deleteApiKey(id: $id) { __typename ... on ValidationError { issues { path message } } } }`

const keyInput = (changes = {}) => ({
  ...{ exchange: 'sandbox', label: 'Main', apiKey: 'public-ABCD', secretKey: 'very-secret-text', ...changes },
})

type Account = Awaited<ReturnType<typeof server.account>>
const add = async (account: Account, changes = {}) =>
  (await account.run(ADD, { input: keyInput(changes) })).data.addApiKey
const credentials = async (id: string) => {
  const { rows } = await server.db.pool.query<{
    id: string
    userId: string
    encryptedKey: string
    encryptedSecret: string
    encryptedPassphrase: string | null
  }>(
    `SELECT id, user_id AS "userId", encrypted_key AS "encryptedKey", encrypted_secret AS "encryptedSecret", encrypted_passphrase AS "encryptedPassphrase" FROM api_keys WHERE id = $1`,
    [id],
  )
  const row = rows[0]
  if (row === undefined) throw new Error(`There is no key ${id}.`)
  return decryptApiKey(masterKey, row)
}

let ending: (() => Promise<void>) | undefined
afterEach(async () => {
  await ending?.()
  ending = undefined
})

/** Stands for a worker: a heartbeat, and each probe answered as `answer` says by the key's public part. */
async function startProbing(answer: (apiKey: string) => { canWithdraw?: boolean; error?: string }) {
  const { pool } = server.db
  await pool.query(
    `INSERT INTO worker_heartbeats (worker_id, host, pid, started_at, beat_at) VALUES ('w', 'h', 1, now(), now())`,
  )
  let over = false
  const loop = (async () => {
    while (!over) {
      const { rows } = await pool.query<{ key: string }>(
        `SELECT key FROM graphile_worker.jobs WHERE task_identifier = 'probe_key'`,
      )
      for (const { key } of rows) {
        const id = key.replace('probe_key:', '')
        const { canWithdraw = false, error = null } = answer((await credentials(id)).apiKey)
        await pool.query(
          `UPDATE api_keys SET checked_at = now(), check_error = $2, can_trade = $3, can_transfer = false, can_withdraw = $4 WHERE id = $1`,
          [id, error, error === null ? true : null, error === null ? canWithdraw : null],
        )
        await pool.query('SELECT graphile_worker.remove_job($1)', [key])
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })()
  ending = async () => {
    over = true
    await loop
    await pool.query('DELETE FROM worker_heartbeats')
  }
}

test('with no worker a key is kept unchecked, encrypted, and a job waits for a worker', async () => {
  const ada = await server.account('ada')
  const key = await add(ada)
  expect(key).toMatchObject({
    __typename: 'ApiKey',
    keyHint: 'ABCD',
    canTrade: null,
    canTransfer: null,
    canWithdraw: null,
  })
  const { rows } = await server.db.pool.query<{ row: string }>(
    'SELECT k::text AS row FROM api_keys k WHERE id = $1',
    [key.id],
  )
  expect(rows[0]?.row).not.toMatch(/public-ABCD|very-secret/)
  expect(await credentials(key.id)).toEqual({
    apiKey: 'public-ABCD',
    secretKey: 'very-secret-text',
    passphrase: null,
  })
  const jobs = await server.db.pool.query(`SELECT 1 FROM graphile_worker.jobs WHERE key = $1`, [
    `probe_key:${key.id}`,
  ])
  expect(jobs.rowCount).toBe(1)
  await server.db.pool.query('SELECT graphile_worker.remove_job($1)', [`probe_key:${key.id}`])
})

test('a checked key answers its rights; one that is refused or may withdraw leaves nothing behind', async () => {
  const bob = await server.account('bob')
  await startProbing((apiKey) =>
    apiKey.includes('bad') ? { error: 'Invalid API-key' } : { canWithdraw: apiKey.includes('rich') },
  )
  expect(await add(bob, { passphrase: 'pass' })).toMatchObject({ canTrade: true, canWithdraw: false })
  const refused = await add(bob, { label: 'Bad', apiKey: 'bad-key' })
  expect(refused.issues).toEqual([{ path: ['apiKey'], message: expect.stringContaining('Invalid API-key') }])
  const rich = await add(bob, { label: 'Rich', apiKey: 'rich-key' })
  expect(rich.issues).toEqual([
    { path: ['acceptWithdraw'], message: expect.stringContaining('may withdraw') },
  ])
  expect(await add(bob, { label: 'Rich', apiKey: 'rich-key', acceptWithdraw: true })).toMatchObject({
    canWithdraw: true,
  })
  const { rows } = await server.db.pool.query('SELECT label FROM api_keys WHERE user_id = $1 ORDER BY id', [
    bob.id,
  ])
  expect(rows).toEqual([{ label: 'Main' }, { label: 'Rich' }])
})

test('wrong fields are named with their rule, and nothing is written', async () => {
  const carl = await server.account('carl')
  const wrong = await add(carl, { exchange: 'mtgox', label: ' ', apiKey: '', secretKey: 'two words' })
  expect(wrong.issues.map((issue: { path: string[] }) => issue.path)).toEqual([
    ['label'],
    ['apiKey'],
    ['secretKey'],
    ['exchange'],
  ])
  await add(carl)
  const { rows } = await server.db.pool.query('SELECT 1 FROM api_keys WHERE user_id = $1', [carl.id])
  expect(rows).toHaveLength(1)
})

test('new credentials replace the old ones only when the exchange accepts them', async () => {
  const dora = await server.account('dora')
  const eve = await server.account('eve')
  await startProbing((apiKey) => (apiKey.includes('bad') ? { error: 'Invalid API-key' } : {}))
  const { id } = await add(dora)
  const replace = async (account: Account, apiKey: string) =>
    (await account.run(REPLACE, { input: { id, apiKey, secretKey: 'new-secret' } })).data.replaceApiKey
  expect((await replace(dora, 'bad-key')).issues[0].path).toEqual(['apiKey'])
  expect((await replace(eve, 'good-WXYZ')).__typename).toBe('NotFoundError')
  expect(await credentials(id)).toMatchObject({ apiKey: 'public-ABCD' })
  expect(await replace(dora, 'good-WXYZ')).toEqual({
    __typename: 'ApiKey',
    id,
    keyHint: 'WXYZ',
    canTrade: true,
  })
  expect(await credentials(id)).toMatchObject({ apiKey: 'good-WXYZ', secretKey: 'new-secret' })
  const { data } = await dora.run('{ apiKeys { id label } }')
  expect(data.apiKeys).toEqual([{ id, label: 'Main' }])
})

test('a key in use cannot be deleted; a deleted one keeps no secrets and cannot be chosen', async () => {
  const finn = await server.account('finn')
  const { id } = await add(finn)
  const bot = (await finn.run(CREATE_BOT, { input: botInput({ apiKeyId: id, mode: 'LIVE' }) })).data.createBot
  expect(bot.__typename).toBe('Bot')
  const remove = async () => (await finn.run(DELETE, { id })).data.deleteApiKey
  expect((await remove()).issues).toEqual([{ path: ['id'], message: expect.stringContaining('Trend') }])
  await finn.run('mutation ($id: ID!) { deleteBot(id: $id) { __typename } }', { id: bot.id })
  expect((await remove()).__typename).toBe('Deleted')
  expect((await remove()).__typename).toBe('NotFoundError')
  const { rows } = await server.db.pool.query(
    'SELECT encrypted_key, encrypted_secret FROM api_keys WHERE id = $1',
    [id],
  )
  expect(rows).toEqual([{ encrypted_key: '', encrypted_secret: '' }])
  const again = await finn.run(CREATE_BOT, { input: botInput({ apiKeyId: id }) })
  expect(again.data.createBot.issues[0].path).toEqual(['apiKeyId'])
  const wrongExchange = await add(finn, { exchange: 'kraken', label: 'K' })
  const mixed = await finn.run(CREATE_BOT, { input: botInput({ apiKeyId: wrongExchange.id }) })
  expect(mixed.data.createBot.issues).toEqual([
    { path: ['apiKeyId'], message: 'apiKeyId must be a key of sandbox; this one is of kraken.' },
  ])
})
