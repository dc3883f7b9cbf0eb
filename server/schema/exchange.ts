import type { Env } from '#trading/config/env.ts'
import { venueFacts, type VenueFacts } from '#trading/domain/venues.ts'
import { VENUE_STATUSES, venueStates, type VenueState } from '#trading/store/venue-status.ts'
import { readVenues } from '../market-data/known-venues.ts'
import { builder } from './builder.ts'
import { badInput } from './viewer.ts'

type OfferedExchange = VenueFacts & { id: string; timeframes: string[]; state: VenueState }

const ExchangeStatus = builder.enumType('ExchangeStatus', {
  description:
    'MAINTENANCE: the exchange says that it is being maintained. RATE_LIMITED: it told us to send nothing for a while. Bots wait and go on by themselves.',
  values: VENUE_STATUSES,
})

const Exchange = builder.objectRef<OfferedExchange>('Exchange').implement({
  description: 'live: LIVE bots of SPOT markets are allowed here. realMoney: false for the sandbox.',
  fields: (t) => ({
    id: t.exposeString('id'),
    name: t.exposeString('name'),
    live: t.exposeBoolean('live'),
    liveFutures: t.exposeBoolean('liveFutures', {
      description: 'LIVE bots of perpetuals are allowed here.',
    }),
    transfers: t.exposeBoolean('transfers', {
      description:
        'autoTransferFunds works here: money can be moved between the wallets of spot and futures.',
    }),
    oneWallet: t.exposeBoolean('oneWallet', {
      description: 'Spot and futures are paid for from one wallet: there is nothing to transfer.',
    }),
    realMoney: t.exposeBoolean('realMoney'),
    timeframes: t.exposeStringList('timeframes'),
    minCheckIntervalSeconds: t.exposeInt('minCheckIntervalSeconds'),
    status: t.field({ type: ExchangeStatus, resolve: ({ state }) => state.status }),
    statusMessage: t.string({
      nullable: true,
      description: "The exchange's own words, where its status is not OK.",
      resolve: ({ state }) => state.message,
    }),
    statusSince: t.field({ type: 'DateTime', nullable: true, resolve: ({ state }) => state.since }),
  }),
})

builder.queryField('exchanges', (t) =>
  t.field({
    type: [Exchange],
    description:
      'The exchanges that are offered here. timeframes is empty until a worker has asked the exchange.',
    resolve: async (_root, _args, { services }) => {
      const timeframes = await readVenues(services)
      const states = await venueStates(services.pool, services.env.exchanges)
      return services.env.exchanges.map((id) => ({
        id,
        ...venueFacts(id),
        timeframes: timeframes.get(id) ?? [],
        state: states.get(id) ?? { status: 'OK', message: null, since: null },
      }))
    },
  }),
)

/** The argument `exchange` of a query. @throws a BAD_USER_INPUT error when it is not offered */
export function offeredExchange(env: Pick<Env, 'exchanges'>, exchange: string): string {
  if (env.exchanges.includes(exchange)) return exchange
  throw badInput(['exchange'], `"${exchange}" is not offered here; there are ${env.exchanges.join(', ')}.`)
}
