import { z } from 'zod'
import { defineCommand } from '../frame/command.ts'
import { usersListResult } from '../users/result-shape.ts'

export const usersList = defineCommand({
  name: 'users list',
  summary: 'List who has an account here',
  details: 'Read from the database: it works while the server is down.',
  examples: [['tradebotctl users list', 'accounts, with their bots, sign-ins and tokens']],
  needs: 'packages',
  input: z.object({}),
  result: usersListResult,
  load: async () => (await import('../users/list-users.ts')).runUsersList,
})
