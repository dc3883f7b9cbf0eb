import { graphql } from 'graphql'
import { expect, test } from 'vitest'
import { STRATEGIES } from '#trading/domain/strategies/index.ts'
import { schema } from './index.ts'

test('every strategy is offered with the fields that it reads and its parameters’ ranges', async () => {
  const { data, errors } = await graphql({
    schema,
    source:
      '{ strategies { id name description fields parameters { name label help min max integer default } } }',
    contextValue: { auth: { userId: '1' } },
  })
  expect(errors).toBeUndefined()
  const served = JSON.parse(JSON.stringify(data?.['strategies'])) as { id: string }[]
  expect(served.map(({ id }) => id)).toEqual(STRATEGIES.map(({ id }) => id))
  expect(served.find(({ id }) => id === 'RSI_REVERSION')).toMatchObject({
    fields: ['rsiPeriod', 'rsiOverbought', 'rsiOversold'],
    parameters: [],
  })
  expect(served.find(({ id }) => id === 'BOLLINGER')).toMatchObject({
    fields: [],
    parameters: [
      { name: 'period', label: 'Period', min: '2', max: '500', integer: true, default: '20' },
      { name: 'deviations', label: 'Deviations', min: '0.1', max: '10', integer: false, default: '2' },
    ],
  })
})
