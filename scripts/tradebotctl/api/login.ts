import { rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { createInterface } from 'node:readline/promises'
import { z } from 'zod'
import type { Context } from '../frame/context.ts'
import { asKnown, CouldNotError, InterruptedError, RefusedError, UsageError } from '../frame/errors.ts'
import { readSecret } from '../frame/secrets.ts'
import { ask, send } from './ask.ts'
import type { Connection } from './connection.ts'
import { OPERATIONS } from './operations.ts'
import { errorOf, refusalShape } from './refusals.ts'
import { isLoopback, serverAddress } from './server-address.ts'
import { readStoredToken, type StoredToken, storeToken, tokenFileIn } from './token-file.ts'
import type { loginResult, logoutResult } from './shapes.ts'

/** Signs in by email and password, has an API token made, and stores it; the session itself ends again. */
export async function runLogin(
  input: { url?: string | undefined; email?: string | undefined; passwordFile?: string | undefined },
  context: Context,
): Promise<{ exitCode: 0; result: z.infer<typeof loginResult>; text: string }> {
  const url = serverAddress(context, input.url)
  const { dataDir } = context.place()
  const before = readStoredToken(dataDir)
  if (url.startsWith('http:') && !isLoopback(url))
    context.note(`${url} is not encrypted: who is on the way there can read the password.`)
  const email = input.email ?? (await askLine(context, 'Email'))
  const password = await readSecret(context, input.passwordFile, '--password-file', 'The password')
  const session = await signIn(
    { url, credential: null, signal: context.signal, direct: false },
    email,
    password,
  )
  try {
    const stored = await createToken(session, email, context.signal)
    await store(session, dataDir, stored, context.signal)
    if (before !== undefined && before.url === url && before.email === stored.email)
      await deleteFormer(context, before, stored)
    const { tokenName } = stored
    const file = tokenFileIn(dataDir)
    return {
      exitCode: 0,
      result: { url, email: stored.email, tokenName, file },
      text: `Signed in to ${url} as ${stored.email}. The API token "${tokenName}" is in ${file}.\ntradebotctl logout ends it.`,
    }
  } finally {
    await ask(withoutInterrupt(session), OPERATIONS.signOut, {}, z.unknown())
  }
}

/** Deletes the token at the server, then here. */
export async function runLogout(
  _input: object,
  context: Context,
): Promise<{ exitCode: 0; result: z.infer<typeof logoutResult>; text: string }> {
  const { dataDir } = context.place()
  const stored = readStoredToken(dataDir)
  if (stored === undefined)
    return { exitCode: 0, result: { url: null, email: null }, text: 'Nobody is signed in here.' }
  const { url, email, tokenName } = stored
  try {
    await deleteByItself(stored, context.signal)
  } catch (error) {
    const known = asKnown(error)
    // A token that the server does not know has ended already.
    if (known?.code !== 'UNAUTHENTICATED') {
      if (known === undefined || known.code === 'INTERRUPTED' || known.code === 'TOKEN_OTHER') throw error
      throw new CouldNotError(
        known.code,
        `${known.message} The token is still good there, and is kept here.`,
        {
          cause: error,
          hint: `Try again when it answers; or delete "${tokenName}" in the web app, and then ${tokenFileIn(dataDir)}.`,
        },
      )
    }
  }
  rmSync(tokenFileIn(dataDir), { force: true })
  return {
    exitCode: 0,
    result: { url, email },
    text: `Signed out of ${url}: the token of ${email} is deleted.`,
  }
}

async function signIn(nobody: Connection, email: string, password: string): Promise<Connection> {
  const variables = { input: { email, password } }
  const { data, headers } = await send(nobody, OPERATIONS.signIn, variables)
  const { outcome } = z
    .object({ outcome: z.union([refusalShape, z.object({ email: z.string() })]) })
    .parse(data)
  if ('code' in outcome) throw errorOf(outcome)
  const cookie = headers.getSetCookie()[0]?.split(';', 1)[0]
  if (cookie === undefined) throw new CouldNotError('SERVER_FOREIGN', `${nobody.url} gives no session.`)
  return { ...nobody, credential: { cookie } }
}

async function createToken(session: Connection, email: string, signal: AbortSignal): Promise<StoredToken> {
  if (signal.aborted) throw new InterruptedError()
  const issued = z.object({ token: z.string(), apiToken: z.object({ id: z.string(), name: z.string() }) })
  const answer = z.object({ outcome: z.union([refusalShape, issued]) })
  const name = `tradebotctl@${hostname()}`.slice(0, 100)
  const { outcome } = await ask(session, OPERATIONS.createToken, { name }, answer)
  if ('code' in outcome) throw errorOf(outcome)
  const { token, apiToken } = outcome
  return {
    url: session.url,
    email: email.trim().toLowerCase(),
    tokenId: apiToken.id,
    tokenName: apiToken.name,
    token,
  }
}

/** A token that could not be kept is of no use to anybody, and is deleted again. */
async function store(
  session: Connection,
  dataDir: string,
  stored: StoredToken,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (signal.aborted) throw new InterruptedError()
    storeToken(dataDir, stored)
  } catch (error) {
    await deleteToken(withoutInterrupt(session), stored.tokenId)
    throw error
  }
}

/** The token that is replaced; what keeps it from being deleted is told, for the new one is good all the same. */
async function deleteFormer(context: Context, before: StoredToken, made: StoredToken): Promise<void> {
  try {
    if (before.tokenId !== made.tokenId) await deleteByItself(before, new AbortController().signal)
  } catch (error) {
    const known = asKnown(error)
    if (known === undefined) throw error
    if (known.code !== 'UNAUTHENTICATED')
      context.note(`The former token "${before.tokenName}" is not deleted: ${known.message}`)
  }
}

/**
 * Numbers are given again after a restore, so that the stored one may be another token's by now: the token itself must be good, and be
 * listed by its number and name.
 * @throws CouldNotError UNAUTHENTICATED when the token has ended, RefusedError TOKEN_OTHER when the number is another token's
 */
async function deleteByItself(
  { url, token, tokenId, tokenName }: StoredToken,
  signal: AbortSignal,
): Promise<void> {
  const itself: Connection = { url, credential: { bearer: token }, signal, direct: false }
  const { apiTokens } = await ask(itself, OPERATIONS.tokens, {}, tokensAnswer)
  if (!apiTokens.some(({ id, name }) => id === tokenId && name === tokenName))
    throw new RefusedError(
      'TOKEN_OTHER',
      `The server at ${url} lists no token "${tokenName}" with the number ${tokenId}: none is deleted.`,
      { hint: 'Delete the token in the web app, and sign in again with tradebotctl login.' },
    )
  await deleteToken(itself, tokenId)
}

const tokensAnswer = z.object({ apiTokens: z.array(z.object({ id: z.string(), name: z.string() })) })

async function deleteToken(connection: Connection, id: string): Promise<void> {
  await ask(connection, OPERATIONS.deleteToken, { id }, z.unknown())
}

/** What undoes is done after Ctrl-C too. */
function withoutInterrupt(connection: Connection): Connection {
  return { ...connection, signal: new AbortController().signal }
}

async function askLine(context: Context, question: string): Promise<string> {
  if (!context.interactive) throw new UsageError(`${question} is needed: --email ADDRESS.`)
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await terminal.question(`${question}: `, { signal: context.signal })
  } finally {
    terminal.close()
  }
}
