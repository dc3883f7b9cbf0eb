/**
 * `work`, or a rejection with `late()` after `ms`, whichever comes first. What `work` gives afterwards is not heard. ccxt's own
 * timeout ends with the headers of an answer; this one covers the body too.
 */
export async function withDeadline<T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), ms)
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}
