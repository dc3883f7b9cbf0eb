import { builder } from './builder.ts'

/** The id of what is gone; the schema's answer to every delete mutation. */
export const Deleted = builder.objectRef<{ id: string }>('Deleted').implement({
  fields: (t) => ({ id: t.exposeID('id') }),
})
