import { expect, test } from 'vitest'
import { makeClient } from '../ccxt.ts'
import { giveTurns, takeTurn } from './nonce-turns.ts'

const SETTINGS = {
  exchangeUrls: { kraken: 'http://127.0.0.1:9' },
  timing: { httpTimeoutMs: 500, recvWindowMs: 5000, sendBudgetMs: 3000, settleSkewMs: 1000 },
}

/** A client whose calls take as long as they are told to, and its nonces. */
function open(longestMs?: number) {
  const client = makeClient('kraken', SETTINGS, { apiKey: 'k', secretKey: 'c2VjcmV0', passphrase: null })
  const arrived: number[] = []
  const ended: number[] = []
  client.fetch = async (_url: string, _method, _headers, body) => {
    const nonce = Number(new URLSearchParams(String(body)).get('nonce'))
    arrived.push(nonce)
    await new Promise((resolve) => setTimeout(resolve, nonce === 1 && longestMs !== undefined ? 400 : 10))
    ended.push(nonce)
    return { error: [], result: {} }
  }
  client.throttle = async () => {}
  let last = 0
  let fails = false
  giveTurns(
    client,
    async () => {
      // The database may take its time, and answer others first.
      await new Promise((resolve) => setTimeout(resolve, 5 - (last % 5)))
      if (fails) throw new Error('away')
      return ++last
    },
    longestMs,
  )
  return { client, arrived, ended, breakNonces: (broken: boolean) => void (fails = broken) }
}

test('calls made at once go one after the other, each with a nonce above the one before', async () => {
  const { client, arrived, ended } = open()
  await Promise.all(Array.from({ length: 8 }, () => client.request('Balance', 'private', 'POST', {})))
  expect(arrived).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(ended).toEqual(arrived)
})

test('a call that does not come back keeps the next one waiting no longer than a turn lasts', async () => {
  const { client, arrived, ended } = open(50)
  await Promise.all([1, 2].map(() => client.request('Balance', 'private', 'POST', {})))
  expect(arrived).toEqual([1, 2])
  expect(ended).toEqual([2, 1])
})

test('a turn that is taken and given back unused, or that got no nonce, holds nobody up', async () => {
  const { client, arrived, breakNonces } = open()
  const over = await takeTurn(client)
  over()
  breakNonces(true)
  await expect(client.request('Balance', 'private', 'POST', {})).rejects.toThrow('away')
  breakNonces(false)
  await client.request('Balance', 'private', 'POST', {})
  expect(arrived).toEqual([2])
})

test('nothing is signed without a turn', () => {
  const { client } = open()
  expect(() => client.sign('Balance', 'private', 'POST', {})).toThrow('without its turn')
})
