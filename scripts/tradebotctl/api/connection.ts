import type { Context } from '../frame/context.ts'
import { CouldNotError, RefusedError } from '../frame/errors.ts'
import { readSecret } from '../frame/secrets.ts'
import type { ApiInput } from './options.ts'
import { serverAddress } from './server-address.ts'
import { readStoredToken } from './token-file.ts'

/** A server and who we are there. */
export type Connection = {
  /** Without a slash at its end. */
  url: string
  credential: { bearer: string } | { cookie: string } | null
  signal: AbortSignal
  /** Whether what is asked for can be done in the database too, which is said where the server is down. */
  direct: boolean
}

/** @throws UsageError, CouldNotError TOKEN_MISSING, RefusedError TOKEN_ELSEWHERE */
export async function connect(
  context: Context,
  input: ApiInput,
  { direct }: Pick<Connection, 'direct'>,
): Promise<Connection> {
  const url = serverAddress(context, input.url)
  const bearer = await tokenFor(context, input, url, direct)
  return { url, credential: { bearer }, signal: context.signal, direct }
}

async function tokenFor(
  context: Context,
  { tokenFile }: ApiInput,
  url: string,
  direct: boolean,
): Promise<string> {
  if (tokenFile !== undefined) return readSecret(context, tokenFile, '--token-file', 'The API token')
  const fromShell = context.env['TRADEBOT_TOKEN']
  if (fromShell) return fromShell
  const stored = readStoredToken(context.place().dataDir)
  const hint = `Sign in with tradebotctl login, or name a file that holds an API token with --token-file.${direct ? ' Without the server: --direct.' : ''}`
  if (stored === undefined) throw new CouldNotError('TOKEN_MISSING', 'Nobody is signed in here.', { hint })
  // A token is shown at the address that it was made for, and at no other: not even another port of this machine is the same server.
  if (new URL(stored.url).origin === new URL(url).origin) return stored.token
  throw new RefusedError(
    'TOKEN_ELSEWHERE',
    `Nobody is signed in to ${url} here, only to ${stored.url}; the token of one server is not shown to another.`,
    {
      hint: `Sign in there (tradebotctl login --url ${url}), or name a file that holds a token of that server with --token-file.`,
    },
  )
}
