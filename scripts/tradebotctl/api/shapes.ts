import { z } from 'zod'

export const loginResult = z.strictObject({
  url: z.string().describe('of the server'),
  email: z.string().describe('of the account'),
  tokenName: z.string().describe('by which the token is listed in the web app'),
  file: z.string().describe('that holds the token, for its owner alone (0600)'),
})

export const logoutResult = z.strictObject({
  url: z.string().nullable().describe('of the server; null: nobody was signed in'),
  email: z.string().nullable().describe('of the account'),
})
