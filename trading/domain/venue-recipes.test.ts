import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { clientOrderIdFrom, isOurClientOrderId } from './client-order-id.ts'
import { isLiveAt, venueFacts, walletOf } from './venues.ts'
import { clientIdFormOf, VENUE_RECIPES, venueRecipe } from './venue-recipes.ts'
import { venueTable } from './venue-table.ts'

/** What each venue's documents say of ids that clients choose. */
const TAKEN: Record<string, RegExp> = {
  sandbox: /^[\w-]{1,36}$/,
  binance: /^[\w-]{1,36}$/,
  bybit: /^[\w-]{1,36}$/,
  okx: /^[0-9a-zA-Z]{1,32}$/,
  kraken: /^[0-9a-f]{32}$/,
  krakenfutures: /^.{1,100}$/,
}

const newClientOrderId = (exchange: string) => clientOrderIdFrom(clientIdFormOf(exchange), randomBytes)

describe('client order ids', () => {
  test.each(Object.entries(TAKEN))('%s takes ours, and we know them again', (exchange, taken) => {
    const ids = Array.from({ length: 200 }, () => newClientOrderId(exchange))
    for (const id of ids) expect([id, taken.test(id), isOurClientOrderId(id)]).toEqual([id, true, true])
    expect(new Set(ids).size).toBe(ids.length)
    // 4 bits a digit, past the mark.
    expect((ids[0] ?? '').replace(/^(tb|7462)/, '').length * 4).toBeGreaterThanOrEqual(112)
  })

  test('every venue of the table has its rule here, and any other gets the form of Binance', () => {
    expect(Object.keys(TAKEN).sort()).toEqual(
      [...new Set(VENUE_RECIPES.map(({ exchange }) => exchange))].sort(),
    )
    expect(newClientOrderId('coinbase')).toMatch(/^tb[0-9a-f]{32}$/)
  })

  test('ids of others are not taken for ours', () => {
    for (const id of [
      '',
      'tb',
      'tb-none',
      'x-abc',
      '6d1b345ee2824ae2ad834ecb18a06876',
      `tb${'g'.repeat(32)}`,
    ])
      expect([id, isOurClientOrderId(id)]).toEqual([id, false])
  })
})

describe('the table of venues', () => {
  test('one row for each kind of market, each with questions by our id, by the venue’s, and a list', () => {
    expect(new Set(VENUE_RECIPES.map(({ exchange, kind }) => exchange + kind)).size).toBe(
      VENUE_RECIPES.length,
    )
    for (const { exchange, kind, lookups } of VENUE_RECIPES)
      for (const by of ['CLIENT_ID', 'VENUE_ID', 'LIST'])
        expect([exchange, kind, by, lookups.some((lookup) => lookup.by === by)]).toEqual([
          exchange,
          kind,
          by,
          true,
        ])
  })

  test('is where the facts come from: a venue that is not in it is for PAPER', () => {
    for (const { exchange, kind, live } of VENUE_RECIPES) expect(isLiveAt(exchange, kind)).toBe(live)
    expect(venueRecipe('coinbase', 'SPOT')).toBeNull()
    expect(venueFacts('coinbase')).toMatchObject({
      name: 'coinbase',
      live: false,
      liveFutures: false,
      realMoney: true,
    })
    expect([walletOf('binance', 'FUTURES'), walletOf('bybit', 'FUTURES')]).toEqual(['FUTURES', 'SPOT'])
  })

  test('is a table of as many columns in each row', () => {
    const lines = venueTable().split('\n')
    expect(lines).toHaveLength(new Set(VENUE_RECIPES.map(({ exchange }) => exchange)).size + 2)
    expect(new Set(lines.map((line) => line.split('|').length)).size).toBe(1)
  })
})
