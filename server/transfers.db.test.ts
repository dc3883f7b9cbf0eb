import { expect, test } from 'vitest'
import { botInput, CREATE_BOT, withTestServer } from './testing.ts'

const server = withTestServer()

const TRANSFERS = 'query ($id: ID!) { bot(id: $id) { transfers { status candidates { id at } } } }'
const RESOLVE = `mutation ($input: ResolveTransferInput!) { resolveTransfer(input: $input) { __typename
  ... on Transfer { exchangeTransferId } ... on ValidationError { issues { path message } } } }`

test('a transfer that a person is asked about names the rows that may be it; a number of another is refused', async () => {
  const ada = await server.account('ada')
  const { pool } = server.db
  const bot = (await ada.run(CREATE_BOT, { input: botInput() })).data.createBot
  const transfer = async (status: string, day: string, number: string | null, candidates: object[]) => {
    const { rows } = await pool.query<{ id: string }>(
      `WITH key AS (INSERT INTO api_keys (user_id, exchange, label, key_hint, encrypted_key, encrypted_secret)
         VALUES ($1, 'sandbox', $4, 'abcd', 'x', 'x') RETURNING id)
       INSERT INTO transfers (bot_id, api_key_id, from_wallet, to_wallet, amount, currency, status, purpose, day, client_transfer_id, exchange_transfer_id, candidates)
       SELECT $2, id, 'FUTURES', 'SPOT', 100, 'USDT', $3, 'DAY_END', $4::date, $4, $5, $6 FROM key RETURNING id::text`,
      [ada.id, bot.id, status, day, number, JSON.stringify(candidates)],
    )
    return rows[0]?.id ?? ''
  }
  const at = '2026-01-02T00:00:01.500Z'
  await transfer('DONE', '2026-01-01', '41', [])
  const asked = await transfer('UNKNOWN', '2026-01-02', null, [{ id: '42', at }])
  expect((await ada.run(TRANSFERS, { id: bot.id })).data.bot.transfers.toReversed()).toEqual([
    { status: 'DONE', candidates: [] },
    { status: 'UNKNOWN', candidates: [{ id: '42', at }] },
  ])
  const resolve = async (exchangeTransferId: string) =>
    (await ada.run(RESOLVE, { input: { id: asked, outcome: 'PLACED', exchangeTransferId } })).data
      .resolveTransfer
  const refused = await resolve('41')
  expect(refused.issues).toEqual([
    { path: ['exchangeTransferId'], message: expect.stringContaining('belongs to another transfer') },
  ])
  expect(await resolve('42')).toEqual({ __typename: 'Transfer', exchangeTransferId: '42' })
})
