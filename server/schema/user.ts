import { hashPassword, verifyPassword } from '#trading/config/passwords.ts'
import { ValidationError } from '#trading/domain/errors.ts'
import { inTransaction } from '#trading/store/pool.ts'
import {
  checkAccount,
  createAccount,
  findAccount,
  hasAccounts,
  SIGN_UP_CLOSED,
} from '#trading/store/accounts.ts'
import { createSession, deleteExpiredSessions, deleteSession } from '#trading/store/sessions.ts'
import { RateLimitedError, UnauthenticatedError } from '../auth/account-errors.ts'
import { codeMatches, signUpCodeNeeded } from '../auth/sign-up-code.ts'
import type { Context, SessionCookie } from '../context.ts'
import { builder } from './builder.ts'
import { badInput } from './viewer.ts'

builder.prismaObject('User', {
  fields: (t) => ({
    id: t.id({ resolve: (user) => String(user.id) }),
    email: t.exposeString('email'),
    username: t.exposeString('username'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    haltedAt: t.expose('haltedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Set while trading is halted: no bot of this user opens or grows a position.',
    }),
  }),
})

builder.queryField('viewer', (t) =>
  t.prismaField({
    type: 'User',
    nullable: true,
    description: 'Null when not signed in.',
    resolve: (query, _root, _args, { auth, services }) =>
      auth === null
        ? null
        : services.prisma.user.findUnique({ ...query, where: { id: BigInt(auth.userId) } }),
  }),
)

const SignUpInput = builder.inputType('SignUpInput', {
  description:
    'code: the one-time code that npm start prints, asked only when the server listens beyond loopback.',
  fields: (t) => ({
    email: t.string({ required: true }),
    username: t.string({ required: true }),
    password: t.string({ required: true }),
    code: t.string(),
  }),
})

const SignInInput = builder.inputType('SignInInput', {
  fields: (t) => ({ email: t.string({ required: true }), password: t.string({ required: true }) }),
})

builder.mutationFields((t) => ({
  signUp: t.prismaField({
    type: 'User',
    description: 'Makes an account and signs it in by a session cookie.',
    errors: { types: [ValidationError, RateLimitedError] },
    args: { input: t.arg({ type: SignUpInput, required: true }) },
    resolve: async (query, _root, { input }, context) => {
      const { pool, prisma, limits, env } = context.services
      const cookie = sessionCookie(context)
      limits.signUp.check(context.ip)
      const { account, issues } = checkAccount(input)
      if (env.signup === 'closed') throw new ValidationError([SIGN_UP_CLOSED])
      const someoneIsHere = await hasAccounts(pool)
      if (env.signup === 'first' && someoneIsHere) throw new ValidationError([SIGN_UP_CLOSED])
      if (!someoneIsHere && signUpCodeNeeded(env) && !codeMatches(env, input.code)) {
        // Only guesses of the code count: a mistyped field is no attack.
        limits.signUp.fail(context.ip)
        issues.push({
          path: ['code'],
          message: 'code must be the one that the server printed when it started.',
        })
      }
      if (issues.length > 0) throw new ValidationError(issues)
      const passwordHash = await hashPassword(account.password)
      const { userId, token } = await inTransaction(pool, async (tx) => {
        const id = await createAccount(
          tx,
          { ...account, passwordHash },
          { onlyFirst: env.signup === 'first' },
        )
        return { userId: id, token: (await createSession(tx, id)).token }
      })
      cookie.set(token)
      return prisma.user.findUniqueOrThrow({ ...query, where: { id: BigInt(userId) } })
    },
  }),

  signIn: t.prismaField({
    type: 'User',
    description: 'Sets a new session cookie; the session of the old one, if any, ends.',
    errors: { types: [ValidationError, UnauthenticatedError, RateLimitedError] },
    args: { input: t.arg({ type: SignInInput, required: true }) },
    resolve: async (query, _root, { input }, context) => {
      const { pool, prisma, limits, credentials } = context.services
      const cookie = sessionCookie(context)
      const email = input.email.trim().toLowerCase()
      const issues = [
        ...(email === '' || email.length > 254
          ? [{ path: ['email'], message: 'email must be an address.' }]
          : []),
        ...(input.password === '' || input.password.length > 1000
          ? [{ path: ['password'], message: 'password must be given.' }]
          : []),
      ]
      if (issues.length > 0) throw new ValidationError(issues)
      const key = `${context.ip} ${email}`
      limits.signIn.check(key)
      const account = await findAccount(pool, email)
      const check = () => limits.signIn.check(key)
      const matches = await verifyPassword(account?.passwordHash ?? null, input.password, check)
      if (!matches || account === null) {
        limits.signIn.fail(key)
        throw new UnauthenticatedError('Email and password do not match.')
      }
      limits.signIn.forget(key)
      const token = await inTransaction(pool, async (tx) => {
        if (context.sessionToken !== null) await deleteSession(tx, context.sessionToken)
        await deleteExpiredSessions(tx, account.id)
        return (await createSession(tx, account.id)).token
      })
      cookie.set(token)
      await credentials.check()
      return prisma.user.findUniqueOrThrow({ ...query, where: { id: BigInt(account.id) } })
    },
  }),

  signOut: t.boolean({
    description:
      'Ends the session of the cookie and closes its sockets. False with an API token, which stays: see deleteApiToken.',
    resolve: async (_root, _args, { services, sessionToken, cookie, auth }) => {
      if (sessionToken === null || cookie === null || auth?.credential.kind !== 'session') return false
      const ended = await deleteSession(services.pool, sessionToken)
      cookie.clear()
      await services.credentials.check()
      return ended
    },
  }),
}))

/** Signing in needs an answer that can carry a cookie, and a request that no other site's page can have sent. */
function sessionCookie({ cookie, csrfSafe }: Context): SessionCookie {
  if (cookie === null) throw badInput([], 'sign in over HTTP, where the answer can set a cookie.')
  if (!csrfSafe)
    throw badInput(
      ['x-tradebot-csrf'],
      'send this header (any value) with every request that uses the cookie.',
    )
  return cookie
}
