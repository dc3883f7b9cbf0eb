import { z } from 'zod'

export const usersListResult = z.strictObject({
  users: z.array(
    z.strictObject({
      id: z.string(),
      email: z.string(),
      username: z.string(),
      createdAt: z.string().describe('ISO-8601'),
      haltedAt: z.string().nullable().describe('since when trading is halted, ISO-8601; null: it is not'),
      bots: z.number().describe('bots that are not deleted'),
      sessions: z.number().describe('sign-ins that hold'),
      apiTokens: z.number(),
    }),
  ),
})

export const resetPasswordResult = z.strictObject({
  userId: z.string(),
  email: z.string(),
  sessionsEnded: z.number().describe('sign-ins that ended'),
  apiTokensRevoked: z.number().describe('API tokens that were deleted; 0 without --revoke-tokens'),
  apiTokensLeft: z.number().describe('API tokens that still hold'),
})

export type UsersListResult = z.infer<typeof usersListResult>
export type ResetPasswordResult = z.infer<typeof resetPasswordResult>
