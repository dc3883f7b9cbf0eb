/** What was meant, most likely first: by letters to change, whatever their case. */
export function nearestFirst(known: readonly string[], wanted: string): string[] {
  return known.toSorted((a, b) => distance(a, wanted) - distance(b, wanted))
}

/** Letters to change, add or drop (Levenshtein), whatever their case. */
export function distance(one: string, other: string): number {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()]
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++)
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1)))
    row = next
  }
  return row[b.length] ?? 0
}
