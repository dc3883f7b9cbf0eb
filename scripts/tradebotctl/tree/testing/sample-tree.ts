import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A temporary tree that is TradeBot by its package.json; `files` by path, with their content. */
export function makeSampleTree(files: Record<string, string> = {}): {
  root: string
  put: (file: string, content: string, mode?: number) => void
  remove: () => void
} {
  const root = mkdtempSync(path.join(tmpdir(), 'tradebot-tree-'))
  const put = (file: string, content: string, mode = 0o644) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true })
    writeFileSync(path.join(root, file), content, { mode })
  }
  put('package.json', JSON.stringify({ name: 'tradebot', version: '1.2.3' }))
  for (const [file, content] of Object.entries(files)) put(file, content)
  return { root, put, remove: () => rmSync(root, { recursive: true, force: true }) }
}

export function makePipe(file: string): void {
  execFileSync('sh', ['-c', 'mkfifo "$0"', file])
}
