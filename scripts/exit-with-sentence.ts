/**
 * Ends the process with 1 and one sentence that says what is wrong. A database that does not answer is named by host and port, never by
 * the address, which holds a password.
 */
export function exitWithSentence(error: unknown, databaseUrl?: string): never {
  process.stderr.write(`${sentenceOf(error, databaseUrl)}\n`)
  process.exit(1)
}

/** One sentence for people, from an error of the system, of PostgreSQL or of our own. */
export function sentenceOf(error: unknown, databaseUrl?: string): string {
  if (databaseUrl && isConnectionError(error)) {
    const { host, pathname } = new URL(databaseUrl)
    return `The database ${pathname.slice(1)} at ${host} (DATABASE_URL) cannot be used: ${reasonOf(error)}.`
  }
  return error instanceof Error ? error.message : String(error)
}

const connectionCodes = /^(ECONN|ENOTFOUND|EAI_|EHOST|ENET|ETIMEDOUT|EPIPE|28|3D|53300|57P0|08)/

function isConnectionError(error: unknown): error is Error {
  return (
    error instanceof Error &&
    (connectionCodes.test('code' in error ? String(error.code) : '') ||
      /timeout|terminated/.test(error.message))
  )
}

/** A refused connection to a name with several addresses is an AggregateError without a message. */
function reasonOf(error: Error): string {
  if (error.message) return error.message
  return error instanceof AggregateError && error.errors[0] instanceof Error
    ? error.errors[0].message
    : error.name
}
