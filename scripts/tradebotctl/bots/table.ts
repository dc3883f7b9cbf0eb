export type Cell = string | { text: string; paint: (text: string) => string }

export type Column = {
  title: string
  /** Numbers. */
  right?: true
  /** May be cut down to this many columns where the terminal is narrow. */
  least?: number
  /** Names: what a row is known by. Is cut last, to no less than 16; spare columns go before it has less than 24; off a terminal it has 40. */
  names?: true
  /** Is left out where the terminal is narrower than all columns at their least; the last such one first. */
  spare?: true
}

/** Aligned columns, no wider than `width` as far as columns may be cut (null: as wide as they are). Cells are single lines. */
export function tableOf(columns: readonly Column[], rows: readonly Cell[][], width: number | null): string {
  const widths = columns.map(({ title, names }, index) => {
    const full = rows.reduce((wide, row) => Math.max(wide, widthOf(textOf(row[index]))), widthOf(title))
    return names === true && width === null ? Math.min(full, 40) : full
  })
  const room = width === null ? Infinity : width
  const least = columns.map(({ names, least = names === true ? 24 : Infinity }, index) =>
    Math.min(least, widthAt(widths, index)),
  )
  const spare = columns.findLastIndex((column) => column.spare === true)
  if (spare !== -1 && sum(least) + GAP.length * (least.length - 1) > room) {
    const without = <T>(list: readonly T[]) => list.filter((_, index) => index !== spare)
    return tableOf(without(columns), rows.map(without), width)
  }
  const tooWide = () => sum(widths) + GAP.length * (widths.length - 1) > room
  const cutWidest = (leastOf: (column: Column) => number | undefined) => {
    while (tooWide()) {
      const widest = columns.reduce((found, column, index) => {
        const most = Math.max(leastOf(column) ?? Infinity, widthAt(widths, found))
        return widthAt(widths, index) > most ? index : found
      }, -1)
      if (widest === -1) break
      widths[widest] = widthAt(widths, widest) - 1
    }
  }
  cutWidest(({ least }) => least)
  cutWidest(({ names }) => (names === true ? 16 : undefined))
  const line = (cells: readonly Cell[]) =>
    columns
      .map(({ right }, index) => {
        const cell = cells[index] ?? ''
        const wide = widthAt(widths, index)
        const text = cut(textOf(cell), wide)
        const fill = ' '.repeat(wide - widthOf(text))
        const painted = typeof cell === 'string' ? text : cell.paint(text)
        return right === true ? `${fill}${painted}` : `${painted}${fill}`
      })
      .join(GAP)
      .trimEnd()
  return [line(columns.map(({ title }) => title)), ...rows.map(line)].join('\n')
}

/** Names and values, one a line, the values under each other. */
export function pairsOf(pairs: readonly (readonly [name: string, value: string])[]): string {
  const wide = Math.max(...pairs.map(([name]) => widthOf(name)))
  return pairs.map(([name, value]) => `${name.padEnd(wide)}  ${value}`).join('\n')
}

/**
 * What others wrote (names, an exchange's own words), on one line and without what a terminal would obey: control characters, and marks
 * that turn the direction of text.
 */
export function plainLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ')
}

const GAP = '  '
const WIDE =
  /\p{Extended_Pictographic}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u

/** Columns of a terminal. */
export function widthOf(text: string): number {
  return Array.from(text).reduce(
    (wide, character) => wide + (/\p{M}|\p{Cf}/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1),
    0,
  )
}

function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let kept = ''
  for (const character of text) {
    if (widthOf(`${kept}${character}…`) > width) break
    kept += character
  }
  return `${kept}…`
}

function textOf(cell: Cell | undefined): string {
  return cell === undefined || typeof cell === 'string' ? (cell ?? '') : cell.text
}

function widthAt(widths: readonly number[], index: number): number {
  return widths[index] ?? 0
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
