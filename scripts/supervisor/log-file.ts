import { copyFileSync, openSync, readSync, fstatSync, statSync, truncateSync, closeSync } from 'node:fs'

const rotateAtBytes = 50_000_000

/**
 * Follows a log file that a child appends to, and hands on each new line. A child writes to the file itself and not to a pipe of ours, so
 * that it outlives us without its output breaking. The file is cut when it gets long; what was there goes to `<file>.1`.
 */
export function followLog(file: string, onLine: (line: string) => void): { stop: () => void } {
  const descriptor = openSync(file, 'a+', 0o600)
  let position = fstatSync(descriptor).size
  let rest = ''
  const buffer = Buffer.alloc(65_536)
  const decoder = new TextDecoder()
  const read = () => {
    for (;;) {
      const count = readSync(descriptor, buffer, 0, buffer.length, position)
      if (count === 0) break
      position += count
      const lines = (rest + decoder.decode(buffer.subarray(0, count), { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      lines.forEach(onLine)
    }
    if (position < rotateAtBytes) return
    copyFileSync(file, `${file}.1`)
    // The child appends, so it goes on at the new end.
    truncateSync(file)
    position = 0
  }
  const timer = setInterval(read, 100)
  return {
    stop: () => {
      clearInterval(timer)
      read()
      if (rest !== '') onLine(rest)
      closeSync(descriptor)
    },
  }
}

/** The last lines of a log, from `offset` on. */
export function tailOf(file: string, offset: number, lines: number): string[] {
  const descriptor = openSync(file, 'r')
  try {
    const { size } = statSync(file)
    const start = Math.max(offset, size - 16_384)
    const buffer = Buffer.alloc(Math.max(0, size - start))
    readSync(descriptor, buffer, 0, buffer.length, start)
    return buffer.toString('utf8').trim().split('\n').slice(-lines)
  } finally {
    closeSync(descriptor)
  }
}
