import { sentenceOf } from '../../exit-with-sentence.ts'

/** Why the database cannot be used, in a sentence that names it as people know it. `named`: DATABASE_URL is what names it. */
export function sayUnusable(error: unknown, url: string, named: boolean): string {
  const sentence = sentenceOf(error, url)
  if (named) return sentence
  const { host, pathname } = new URL(url)
  const cannot = `The database ${pathname.slice(1)} at ${host} (DATABASE_URL) cannot be used: `
  return sentence.startsWith(cannot)
    ? `The embedded database at ${host} does not answer: ${sentence.slice(cannot.length)}`
    : sentence
}
