import { Worker } from 'node:worker_threads'
import type { ThreadInput, ThreadMessage } from './thread-messages.ts'

export type ThreadEnd = Exclude<ThreadMessage, { kind: 'PROGRESS' }> | { kind: 'STOPPED' }

/** What a backtest may take of memory; one that needs more fails, and the process lives on. */
const MOST_MEMORY_MB = 1_536

/**
 * Runs a backtest in a thread of its own. `beat` is called twice a second with how far it is, and answers whether to go on.
 * @throws what the thread threw
 */
export function runInThread(
  input: ThreadInput,
  beat: (done: number, total: number) => Promise<boolean>,
  everyMs = 500,
): Promise<ThreadEnd> {
  const thread = new Worker(new URL('./thread.ts', import.meta.url), {
    workerData: input,
    // Moved, not copied: a hundred megabytes would hold this thread up.
    transferList: buffersOf(input.candles),
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB },
  })
  return new Promise<ThreadEnd>((resolve, reject) => {
    let far = { done: 0, total: 0 }
    let ended = false
    let beating = false
    const end = (settle: () => void) => {
      if (ended) return
      ended = true
      clearInterval(timer)
      // A thread that is told to end cannot refuse.
      thread.terminate().then(settle, reject)
    }
    const timer = setInterval(() => {
      if (beating || ended) return
      beating = true
      beat(far.done, far.total)
        .then((goOn) => {
          if (!goOn) end(() => resolve({ kind: 'STOPPED' }))
        })
        .catch((error: unknown) => end(() => reject(error)))
        .finally(() => {
          beating = false
        })
    }, everyMs)
    thread.on('message', (message: ThreadMessage) => {
      if (message.kind === 'PROGRESS') far = message
      else end(() => resolve(message))
    })
    thread.on('error', (error) => end(() => reject(error)))
    thread.on('exit', (code) =>
      end(() => reject(new Error(`the thread of a backtest ended with ${code} and no result`))),
    )
  })
}

function buffersOf(candles: ThreadInput['candles']): ArrayBuffer[] {
  if (candles === null) return []
  const { openTime, open, high, low, close, volume } = candles
  return [openTime, open, high, low, close, volume].flatMap(({ buffer }) =>
    buffer instanceof ArrayBuffer ? [buffer] : [],
  )
}
