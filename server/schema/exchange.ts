import type { Env } from '#trading/config/env.ts'
import { venueFacts, type VenueFacts } from '#trading/domain/venues.ts'
import { readVenues } from '../market-data/known-venues.ts'
import { builder } from './builder.ts'
import { badInput } from './viewer.ts'

type OfferedExchange = VenueFacts & { id: string; timeframes: string[] }

const Exchange = builder.objectRef<OfferedExchange>('Exchange').implement({
  description: 'live: LIVE bots are allowed here. realMoney: false for the sandbox.',
  fields: (t) => ({
    id: t.exposeString('id'),
    name: t.exposeString('name'),
    live: t.exposeBoolean('live'),
    realMoney: t.exposeBoolean('realMoney'),
    timeframes: t.exposeStringList('timeframes'),
    minCheckIntervalSeconds: t.exposeInt('minCheckIntervalSeconds'),
  }),
})

builder.queryField('exchanges', (t) =>
  t.field({
    type: [Exchange],
    description:
      'The exchanges that are offered here. timeframes is empty until a worker has asked the exchange.',
    resolve: async (_root, _args, { services }) => {
      const timeframes = await readVenues(services)
      return services.env.exchanges.map((id) => ({
        id,
        ...venueFacts(id),
        timeframes: timeframes.get(id) ?? [],
      }))
    },
  }),
)

/** The argument `exchange` of a query. @throws a BAD_USER_INPUT error when it is not offered */
export function offeredExchange(env: Pick<Env, 'exchanges'>, exchange: string): string {
  if (env.exchanges.includes(exchange)) return exchange
  throw badInput(['exchange'], `"${exchange}" is not offered here; there are ${env.exchanges.join(', ')}.`)
}
