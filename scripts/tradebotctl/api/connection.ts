import type { Context } from '../frame/context.ts'
import { CouldNotError } from '../frame/errors.ts'
import { readSecret } from '../frame/secrets.ts'
import type { ApiInput } from './options.ts'
import { isLoopback, serverAddress } from './server-address.ts'
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

/** @throws UsageError, CouldNotError TOKEN_MISSING */
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
  // A token is shown to the server that gave it, and to no other. This machine's own server may have moved to another port.
  const same = new URL(stored.url).origin === new URL(url).origin
  if (same || (isLoopback(stored.url) && isLoopback(url))) return stored.token
  throw new CouldNotError('TOKEN_MISSING', `Nobody is signed in to ${url} here, only to ${stored.url}.`, {
    hint: `tradebotctl login --url ${url}`,
  })
}
