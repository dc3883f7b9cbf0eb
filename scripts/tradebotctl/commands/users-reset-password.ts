import { z } from 'zod'
import { defineCommand } from '../frame/command.ts'
import { resetPasswordResult } from '../users/result-shape.ts'

export const usersResetPassword = defineCommand({
  name: 'users reset-password',
  summary: 'Give an account a new password, and end its sign-ins',
  details:
    'Through the database: it works while the server is down. API tokens stay, for programs use them; --revoke-tokens ends them too.',
  arguments: [['<email>', 'of the account']],
  options: [
    ['--password-file <file>', 'the new password; - for standard input (default: asked twice)'],
    ['--revoke-tokens', 'delete its API tokens too'],
  ],
  examples: [
    ['tradebotctl users reset-password me@example.com', 'asks for the new password'],
    ['tradebotctl users reset-password me@example.com --password-file - < password.txt', 'asks nothing'],
  ],
  needs: 'packages',
  input: z.object({
    email: z.string().min(1),
    passwordFile: z.string().optional(),
    revokeTokens: z.boolean().optional(),
  }),
  result: resetPasswordResult,
  load: async () => (await import('../users/reset-password.ts')).runResetPassword,
})
