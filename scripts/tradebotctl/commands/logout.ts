import { z } from 'zod'
import { logoutResult } from '../api/shapes.ts'
import { defineCommand } from '../frame/command.ts'

export const logout = defineCommand({
  name: 'logout',
  summary: 'Delete the API token that login made, at the server and here',
  examples: [['tradebotctl logout', 'signs out']],
  needs: 'packages',
  input: z.looseObject({}),
  result: logoutResult,
  load: () => import('../api/login.ts').then((module) => module.runLogout),
})
