import type { ServerResponse } from 'node:http'

/**
 * Writes chunks as fast as the reader takes them and asks for no further one before; ends the answer. A reader that has gone ends the source. A
 * source that fails breaks the answer off, for half a file must not look like a whole one, and throws on.
 */
export async function sendChunks(response: ServerResponse, chunks: AsyncIterable<string>): Promise<void> {
  try {
    for await (const chunk of chunks) {
      const flows = response.write(chunk)
      if (!flows && !response.destroyed) await drained(response)
      if (response.destroyed) return
    }
  } catch (error) {
    response.destroy()
    throw error
  }
  response.end()
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.once('drain', done).once('close', done)
  })
}
