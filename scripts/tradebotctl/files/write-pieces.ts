import { fchmodSync, fsyncSync, writeSync } from 'node:fs'

/** Fills a file that was just made: content as it comes, the mode whatever the umask, and all of it on disk when this resolves. */
export async function writePieces(
  descriptor: number,
  pieces: AsyncIterable<Buffer> | Iterable<Buffer>,
  mode: number,
): Promise<void> {
  for await (const piece of pieces)
    for (let done = 0; done < piece.length;) done += writeSync(descriptor, piece, done)
  fchmodSync(descriptor, mode)
  fsyncSync(descriptor)
}
