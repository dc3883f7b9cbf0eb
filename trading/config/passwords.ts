import { hash, verify } from '@node-rs/argon2'

/** OWASP's choice for argon2id (the library's default variant): 19 MiB, 2 passes. Some 20 ms on a small machine. */
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Hashing runs on libuv's four threads, which files and DNS share: a crowd of sign-ins waits here, not there. */
const MOST_AT_ONCE = 2
let running = 0
const waiting: (() => void)[] = []

/** argon2id with a random salt, as a PHC string. */
export function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(password, OPTIONS))
}

/**
 * Whether the password is the one of this hash. With no hash (an unknown email) it works as long as with one, and answers false: the time
 * says nothing about which emails exist. `whenItIsOurTurn` may throw: what it checks is as it is then, after those before us in the queue.
 */
export async function verifyPassword(
  passwordHash: string | null,
  password: string,
  whenItIsOurTurn: () => void,
): Promise<boolean> {
  const matches = await inTurn(async () => {
    whenItIsOurTurn()
    return verify(passwordHash ?? (await dummyHash()), password)
  })
  return passwordHash !== null && matches
}

let dummy: Promise<string> | undefined
function dummyHash(): Promise<string> {
  return (dummy ??= hash('nobody has this password', OPTIONS))
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= MOST_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve))
  else running += 1
  try {
    return await work()
  } finally {
    // The slot is handed over, not freed: nobody can slip in between.
    const next = waiting.shift()
    if (next) next()
    else running -= 1
  }
}
