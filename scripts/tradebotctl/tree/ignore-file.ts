import { closeSync, fstatSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { CouldNotError } from '../frame/errors.ts'
import { openRegular } from './hash-file.ts'
import { IGNORE_FILE, quoted } from './safe-path.ts'

/** Whether `.tradebotignore` names this path. What is in a folder that it names is not asked about. */
export type IsIgnored = (path: string, isFolder: boolean) => boolean

const LONGEST = 64 * 1024

/** What the tree's .tradebotignore names; nothing where there is none. @throws CouldNotError IGNORE_… */
export function readIgnoreFile(root: string): IsIgnored {
  let descriptor: number
  try {
    descriptor = openRegular(path.join(root, IGNORE_FILE))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return () => false
    throw error
  }
  try {
    const stats = fstatSync(descriptor)
    if (!stats.isFile() || stats.size > LONGEST)
      throw new CouldNotError(
        'IGNORE_UNREADABLE',
        `${IGNORE_FILE} must be a file of at most ${LONGEST} bytes.`,
      )
    return parseIgnore(readFileSync(descriptor, 'utf8'))
  } finally {
    closeSync(descriptor)
  }
}

/**
 * A part of what .gitignore can say. Each line is a pattern; empty lines and those that begin with # are not. `name` is left out wherever it
 * is; with a slash in front or inside (`/name`, `docs/name`) it is a path from the root. `name/` is a folder only. `*` stands for anything
 * within one part of the path, `**` for any number of parts. Anything else that git gives a meaning (`!`, `?`, `[`, `\`) is an error, lest it
 * be taken for what it is there.
 * @throws CouldNotError IGNORE_PATTERN
 */
export function parseIgnore(text: string): IsIgnored {
  const rules = text.split(/\r?\n/).flatMap((line, index) => {
    const pattern = line.trimEnd()
    return pattern === '' || pattern.startsWith('#') ? [] : [ruleOf(pattern, index + 1)]
  })
  return (each, isFolder) =>
    rules.some((rule) => (isFolder || !rule.folderOnly) && rule.expression.test(each))
}

function ruleOf(pattern: string, line: number): { expression: RegExp; folderOnly: boolean } {
  const wrong = (why: string) =>
    new CouldNotError('IGNORE_PATTERN', `${IGNORE_FILE}, line ${line}: ${quoted(pattern)} ${why}.`, {
      hint: 'A line is a name, or a path from the root, with * and ** and perhaps a slash at the end.',
    })
  if (pattern.startsWith('!')) throw wrong('would take something back in, which is not offered')
  if (/[?[\]\\]/.test(pattern)) throw wrong('holds one of ? [ ] \\, which are not offered')
  const folderOnly = pattern.endsWith('/')
  const inner = pattern.replace(/^\//, '').replace(/\/$/, '')
  const parts = inner.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..'))
    throw wrong('is no path below the root')
  if (parts.some((part) => part !== '**' && part.includes('**')))
    throw wrong('has ** beside other characters')
  const anchored = pattern.startsWith('/') || parts.length > 1
  const body = parts.map((part, index) => expressionOf(part, index === parts.length - 1)).join('')
  return { expression: new RegExp(`^${anchored ? '' : '(?:.*/)?'}${body}$`, 'su'), folderOnly }
}

/** A part with the slash that follows it. */
function expressionOf(part: string, isLast: boolean): string {
  if (part === '**') return isLast ? '.+' : '(?:.*/)?'
  const text = part.replace(/[.+^${}()|]/g, '\\$&').replace(/\*+/g, '[^/]*')
  return isLast ? text : `${text}/`
}
