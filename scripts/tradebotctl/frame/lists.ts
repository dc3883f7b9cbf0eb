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

const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u

/** A name that would move the cursor, turn the line round or break it is shown quoted, with each such character by its number. */
export function printable(text: string): string {
  if (!UNPRINTABLE.test(text)) return text
  return Array.from(JSON.stringify(text), (one) => (UNPRINTABLE.test(one) ? byNumber(one) : one)).join('')
}

/** Of its UTF-16 units, as JSON has it. */
function byNumber(character: string): string {
  return character.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

export function number(value: number): string {
  return value.toLocaleString('en')
}
