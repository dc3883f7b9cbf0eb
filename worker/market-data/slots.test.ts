import { expect, test } from 'vitest'
import { makeSlots } from './slots.ts'

test('never more than the given number at a time, first come first served, failures included', async () => {
  const slots = makeSlots(2)
  let running = 0
  let most = 0
  const order: number[] = []
  const work = (id: number) =>
    slots.use(async () => {
      order.push(id)
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 5))
      running--
      if (id === 1) throw new Error('failed')
      return id
    })
  const results = await Promise.allSettled([0, 1, 2, 3, 4, 5].map(work))
  expect(most).toBe(2)
  expect(order).toEqual([0, 1, 2, 3, 4, 5])
  expect(results.map((result) => result.status === 'fulfilled')).toEqual([
    true,
    false,
    true,
    true,
    true,
    true,
  ])
})
