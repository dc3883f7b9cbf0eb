import { expect, test } from 'vitest'
import { appendPage, mergeHead, type Page } from './merge-head.ts'

type Row = { id: string; state?: string }
const page = (ids: string, hasNextPage = true, endCursor: string | null = ids.at(-1) ?? null): Page<Row> => ({
  nodes: ids.split('').map((id) => ({ id })),
  hasNextPage,
  endCursor,
})
const ids = (list: Page<Row>) => list.nodes.map((row) => row.id).join('')

test('new rows go on top and the rows below stay, with the cursor of the lowest', () => {
  const merged = mergeHead(page('dcba', false, 'a'), page('fed'))
  expect(ids(merged)).toBe('fedcba')
  expect(merged).toMatchObject({ hasNextPage: false, endCursor: 'a' })
})

test('a row that changed is shown as it is now', () => {
  const fresh: Page<Row> = {
    nodes: [{ id: 'd', state: 'new' }, { id: 'c' }],
    hasNextPage: true,
    endCursor: 'c',
  }
  expect(mergeHead(page('dcb'), fresh).nodes[0]).toEqual({ id: 'd', state: 'new' })
})

test('after a gap of more than a page the old rows go, for rows between are missing', () => {
  expect(mergeHead(page('cba', false), page('zyx'))).toEqual(page('zyx'))
})

test('a whole list replaces what is known, so that a deleted row goes', () => {
  expect(ids(mergeHead(page('dcba', false), page('dba', false)))).toBe('dba')
})

test('a row that moved into the next page is listed once', () => {
  expect(ids(appendPage(page('dc'), page('cb', false)))).toBe('dcb')
})
