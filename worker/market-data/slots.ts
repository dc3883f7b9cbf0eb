/** At most `size` works at a time, first come, first served. */
export type Slots = { use<T>(work: () => Promise<T>): Promise<T> }

export function makeSlots(size: number): Slots {
  let free = size
  const waiting: (() => void)[] = []
  return {
    async use(work) {
      if (free > 0) free--
      else await new Promise<void>((resolve) => waiting.push(resolve))
      try {
        return await work()
      } finally {
        // The slot goes straight to who waits longest.
        const next = waiting.shift()
        if (next === undefined) free++
        else next()
      }
    },
  }
}
