import type { Client } from '../ccxt.ts'

/** A call that does not come back keeps the next one waiting for this long: by then it has arrived at the venue, or never will. */
const LONGEST_TURN_MS = 1_500

const takers = new WeakMap<Client, () => Promise<() => void>>()

/**
 * Makes a client's calls follow one another, each with a nonce that `next` draws when its turn comes, so that they arrive in the order of
 * their nonces. Workers beside this one draw from the same row, but theirs may overtake: such a call is refused before anything is done,
 * and repeated. Call it after whatever else changes the client's `throttle` and `fetch`.
 */
export function giveTurns(client: Client, next: () => Promise<number>, longestMs = LONGEST_TURN_MS): void {
  let last: Promise<void> = Promise.resolve()
  let drawn: number | null = null
  let end: () => void = () => {}

  async function take(): Promise<() => void> {
    const before = last
    const { promise, resolve } = Promise.withResolvers<void>()
    last = promise
    await before
    const timer = setTimeout(resolve, longestMs)
    const over = () => {
      clearTimeout(timer)
      resolve()
    }
    try {
      drawn = await next()
    } catch (error) {
      over()
      throw error
    }
    end = over
    return over
  }
  takers.set(client, take)

  client.nonce = () => {
    if (drawn === null) throw new Error('a call was signed without its turn')
    const nonce = drawn
    drawn = null
    return nonce
  }
  const throttle = client.throttle.bind(client)
  client.throttle = async (cost) => {
    await throttle(cost)
    await take()
  }
  const fetch = client.fetch.bind(client)
  client.fetch = async (...args) => {
    // That of this call: the next one's begins when it is over, or at its time limit.
    const over = end
    try {
      return await fetch(...args)
    } finally {
      over()
    }
  }
}

/** Waits for a turn, for a request that is signed by hand. Call what it gives when the answer is there, or the request is not sent after all. */
export async function takeTurn(client: Client): Promise<() => void> {
  const take = takers.get(client)
  return take === undefined ? () => {} : take()
}
