export type ConflatingQueue<Key, Value> = {
  push(key: Key, value: Value): void
  /** What is queued is still read, then the iteration ends. */
  end(): void
  values: AsyncIterableIterator<Value>
}

/**
 * Between a fast writer and a slow reader: one value a key, the newest. `most` bounds the keys; the oldest goes first. `onClose` runs once,
 * when the reader leaves or the end is read. Written by hand because `return()` of an async generator waits for its pending `await`, so that a
 * reader could not leave while nothing happens.
 */
export function makeConflatingQueue<Key, Value>({
  onClose,
  most = 10_000,
}: {
  onClose: () => void
  most?: number
}): ConflatingQueue<Key, Value> {
  const queued = new Map<Key, Value>()
  const readers: ((result: IteratorResult<Value>) => void)[] = []
  let ended = false
  let closed = false

  const close = () => {
    ended = true
    if (closed) return
    closed = true
    queued.clear()
    for (const reader of readers.splice(0)) reader({ done: true, value: undefined })
    onClose()
  }
  const take = (): IteratorResult<Value> | null => {
    for (const [key, value] of queued) {
      queued.delete(key)
      return { done: false, value }
    }
    if (!ended) return null
    close()
    return { done: true, value: undefined }
  }

  return {
    push(key, value) {
      if (ended) return
      const reader = readers.shift()
      if (reader) return reader({ done: false, value })
      queued.set(key, value)
      if (queued.size <= most) return
      const oldest = queued.keys().next()
      if (!oldest.done) queued.delete(oldest.value)
    },
    end() {
      ended = true
      if (queued.size === 0) close()
    },
    values: {
      [Symbol.asyncIterator]() {
        return this
      },
      next() {
        const ready = take()
        return ready ? Promise.resolve(ready) : new Promise((resolve) => readers.push(resolve))
      },
      return() {
        close()
        return Promise.resolve({ done: true, value: undefined })
      },
      throw(error) {
        close()
        return Promise.reject(error instanceof Error ? error : new Error(String(error)))
      },
    },
  }
}
