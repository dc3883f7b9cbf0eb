import type { Change, Revision } from '#trading/store/revisions.ts'
import { builder } from './builder.ts'

const ConfigChange = builder.objectRef<Change>('ConfigChange').implement({
  description:
    'One setting that an update changed, as the API writes its value; null is none. A parameter of the strategy is strategyParams.NAME.',
  fields: (t) => ({
    field: t.exposeString('field'),
    from: t.exposeString('from', { nullable: true }),
    to: t.exposeString('to', { nullable: true }),
  }),
})

export const BotRevision = builder.objectRef<Revision>('BotRevision').implement({
  fields: (t) => ({
    revision: t.exposeInt('revision'),
    actor: t.exposeString('actor', { description: 'Who made it: user, token NAME.' }),
    at: t.expose('at', { type: 'DateTime' }),
    changes: t.field({
      type: [ConfigChange],
      description: 'Against the revision before it; the first has none.',
      resolve: (revision) => revision.changes,
    }),
  }),
})
