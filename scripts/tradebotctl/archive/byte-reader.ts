import { RefusedError } from '../frame/errors.ts'

/** Takes pieces of wanted sizes from pieces as they come. */
export type ByteReader = {
  /** Exactly so many bytes. @throws RefusedError ARCHIVE_TRUNCATED */
  take: (length: number) => Promise<Buffer>
  /** So many bytes, in the pieces in which they come. @throws RefusedError ARCHIVE_TRUNCATED */
  body: (length: number) => AsyncGenerator<Buffer>
  /** Whether nothing is left. */
  atEnd: () => Promise<boolean>
  /** Lets go of the source. */
  close: () => Promise<void>
}

export function makeByteReader(source: AsyncGenerator<Buffer>): ByteReader {
  let rest: Buffer = Buffer.alloc(0)

  async function fill(): Promise<boolean> {
    while (rest.length === 0) {
      const next = await source.next()
      if (next.done === true) return false
      rest = next.value
    }
    return true
  }

  async function* body(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0;) {
      if (!(await fill()))
        throw new RefusedError('ARCHIVE_TRUNCATED', 'The archive in the package ends too early.')
      const piece = rest.subarray(0, left)
      rest = rest.subarray(piece.length)
      left -= piece.length
      yield piece
    }
  }

  return {
    body,
    async take(length) {
      const pieces: Buffer[] = []
      for await (const piece of body(length)) pieces.push(piece)
      return Buffer.concat(pieces, length)
    },
    atEnd: async () => !(await fill()),
    close: async () => {
      await source.return(undefined)
    },
  }
}
