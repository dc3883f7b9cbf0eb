import { expect, test, vi } from 'vitest'
import { makeConflatingQueue } from './conflating-queue.ts'

test('a slow reader gets the newest value of each key, in the order in which the keys were first queued', async () => {
  const queue = makeConflatingQueue<string, string>({ onClose: () => undefined })
  queue.push('a', 'a1')
  queue.push('b', 'b1')
  queue.push('a', 'a2')
  expect(await queue.values.next()).toEqual({ done: false, value: 'a2' })
  expect(await queue.values.next()).toEqual({ done: false, value: 'b1' })
  const waiting = queue.values.next()
  queue.push('a', 'a3')
  expect(await waiting).toEqual({ done: false, value: 'a3' })
})

test('a reader can leave while nothing happens', async () => {
  const onClose = vi.fn()
  const queue = makeConflatingQueue<string, string>({ onClose })
  const waiting = queue.values.next()
  await queue.values.return?.()
  expect(await waiting).toEqual({ done: true, value: undefined })
  queue.push('a', 'late')
  expect(await queue.values.next()).toEqual({ done: true, value: undefined })
  expect(onClose).toHaveBeenCalledTimes(1)
})

test('what is queued is still read after the end', async () => {
  const onClose = vi.fn()
  const queue = makeConflatingQueue<string, string>({ onClose })
  queue.push('a', 'a1')
  queue.end()
  expect(await queue.values.next()).toEqual({ done: false, value: 'a1' })
  expect(onClose).not.toHaveBeenCalled()
  expect(await queue.values.next()).toEqual({ done: true, value: undefined })
  expect(onClose).toHaveBeenCalledTimes(1)
})

test('the number of keys is bounded, and the oldest goes first', async () => {
  const queue = makeConflatingQueue<number, number>({ onClose: () => undefined, most: 2 })
  for (const key of [1, 2, 3]) queue.push(key, key)
  expect(await queue.values.next()).toEqual({ done: false, value: 2 })
})
