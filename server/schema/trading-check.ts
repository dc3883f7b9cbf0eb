import type { TradingCheck as Check } from '#trading/domain/trading-checks.ts'
import { builder } from './builder.ts'

export const TradingCheck = builder.objectRef<Check>('TradingCheck').implement({
  description: 'One rung of the ladder that answers why a bot is not trading.',
  fields: (t) => ({
    code: t.exposeString('code', {
      description: 'CATEGORY_CONDITION, stable; where it did not pass, the condition that bites.',
    }),
    label: t.exposeString('label'),
    passed: t.exposeBoolean('passed', {
      nullable: true,
      description: 'Null: it cannot be said while the bot does not run.',
    }),
    message: t.exposeString('message'),
  }),
})
