import { decimal } from '#trading/domain/money.ts'
import { STRATEGIES } from '#trading/domain/strategies/index.ts'
import type {
  Strategy as StrategyDefinition,
  StrategyParameter as ParameterDefinition,
} from '#trading/domain/strategies/strategy.ts'
import { builder } from './builder.ts'

const StrategyParameter = builder.objectRef<ParameterDefinition>('StrategyParameter').implement({
  description: 'A number that a strategy computes with, given in `strategyParams` of a bot.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As `strategyParams` names it.' }),
    label: t.exposeString('label', { description: 'A short name for people.' }),
    help: t.exposeString('help', { description: 'What it does, in a sentence.' }),
    min: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'The least value; null: none.',
      resolve: ({ range }) => bound(range.min ?? range.above),
    }),
    max: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'The greatest value; null: none.',
      resolve: ({ range }) => bound(range.max ?? range.below),
    }),
    integer: t.boolean({
      description: 'Only whole numbers.',
      resolve: ({ range }) => range.integer === true,
    }),
    default: t.field({
      type: 'Decimal',
      description: 'What it is where a bot does not give it.',
      resolve: (parameter) => decimal(parameter.default),
    }),
  }),
})

const Strategy = builder.objectRef<StrategyDefinition>('Strategy').implement({
  description: 'A rule that says from closed candles when to enter and when to leave.',
  fields: (t) => ({
    id: t.exposeString('id', { description: 'What `strategy` of a bot names.' }),
    name: t.exposeString('name', { description: 'For people.' }),
    description: t.exposeString('description', { description: 'When it buys and when it sells.' }),
    fields: t.field({
      type: ['String'],
      description:
        "The bot's own fields that it reads (emaFast, emaSlow, rsiPeriod, rsiOverbought, rsiOversold); the others change nothing.",
      resolve: (strategy) => [...strategy.fields],
    }),
    parameters: t.field({
      type: [StrategyParameter],
      description: 'What it takes in `strategyParams`, all of them optional.',
      resolve: (strategy) => [...strategy.parameters],
    }),
  }),
})

builder.queryField('strategies', (t) =>
  t.field({
    type: [Strategy],
    description: 'Every strategy that a bot can follow.',
    resolve: () => [...STRATEGIES],
  }),
)

function bound(text: string | undefined) {
  return text === undefined ? null : decimal(text)
}
