import { expect, test } from 'vitest'
import { VENUE_RECIPES } from '#trading/domain/venue-recipes.ts'
import { speaksBinance } from '../ccxt.ts'
import { makePathPace } from './path-pace.ts'
import { recipeOf } from './recipes.ts'

for (const { exchange, kind, lookups, createAnswers } of VENUE_RECIPES.filter(
  (one) => !speaksBinance(one.exchange),
))
  test(`the table's row of ${exchange} ${kind} is what its recipe does`, () => {
    const recipe = recipeOf(exchange)
    const orders = kind === 'SPOT' ? recipe?.spot : recipe?.futures
    expect(Object.keys(orders?.looks ?? {}).sort()).toEqual(lookups.map(({ name }) => name).sort())
    expect(['IDS', 'ORDER']).toContain(createAnswers)
  })

test('calls of one path keep within its limit, those of another do not wait for them', async () => {
  const pace = makePathPace({ windowMs: 200, most: { slow: 2 }, otherwise: 100 })
  const begun = performance.now()
  const times: number[] = []
  await Promise.all(
    Array.from({ length: 5 }, () => pace('slow').then(() => void times.push(performance.now() - begun))),
  )
  expect(times.filter((time) => time < 150)).toHaveLength(2)
  expect(Math.max(...times)).toBeGreaterThan(390)
  const others = performance.now()
  await pace('quick')
  expect(performance.now() - others).toBeLessThan(100)
})

test('a call that would have to wait for long is refused instead', async () => {
  const pace = makePathPace({ windowMs: 6_000, most: {}, otherwise: 1 })
  await pace('path')
  await expect(pace('path')).rejects.toMatchObject({ kind: 'RATE_LIMITED' })
})
