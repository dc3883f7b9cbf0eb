/** Lines of one list, unless all are wanted. */
const SHOWN = 20

/** Indented, cut to what can be read; `seeAll` says what shows the rest, null: nothing is cut. */
export function indentedList(lines: readonly string[], seeAll: string | null): string {
  const shown = seeAll === null ? lines : lines.slice(0, SHOWN)
  const rest = lines.length - shown.length
  return [...shown, ...(rest === 0 ? [] : [`… and ${number(rest)} more; ${seeAll}.`])]
    .map((line) => `  ${line}`)
    .join('\n')
}

/** A name that would move the cursor or break the line is shown quoted. */
export function printable(text: string): string {
  return /[\p{C}\p{Zl}\p{Zp}]/u.test(text) ? JSON.stringify(text) : text
}

export function number(value: number): string {
  return value.toLocaleString('en')
}
