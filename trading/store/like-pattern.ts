/** For LIKE and ILIKE, with which Prisma's `contains` is made too: what people type is text, not a pattern. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}
