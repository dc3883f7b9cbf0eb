import { decimal } from '#trading/domain/money.ts'
import { STRATEGIES } from '#trading/domain/strategies/index.ts'
import type {
  Strategy as StrategyDefinition,
  StrategyParameter as ParameterDefinition,
} from '#trading/domain/strategies/strategy.ts'
import { builder } from './builder.ts'

const StrategyParameter = builder.objectRef<ParameterDefinition>('StrategyParameter').implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    label: t.exposeString('label'),
    help: t.exposeString('help'),
    min: t.field({
      type: 'Decimal',
      nullable: true,
      resolve: ({ range }) => bound(range.min ?? range.above),
    }),
    max: t.field({
      type: 'Decimal',
      nullable: true,
      resolve: ({ range }) => bound(range.max ?? range.below),
    }),
    default: t.field({ type: 'Decimal', resolve: (parameter) => decimal(parameter.default) }),
  }),
})

const Strategy = builder.objectRef<StrategyDefinition>('Strategy').implement({
  fields: (t) => ({
    id: t.exposeString('id'),
    name: t.exposeString('name'),
    description: t.exposeString('description'),
    parameters: t.field({ type: [StrategyParameter], resolve: (strategy) => [...strategy.parameters] }),
  }),
})

builder.queryField('strategies', (t) => t.field({ type: [Strategy], resolve: () => [...STRATEGIES] }))

function bound(text: string | undefined) {
  return text === undefined ? null : decimal(text)
}
