/** RFC 4180: a cell is quoted where it must be, its quotes doubled. Lines end in CRLF. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(quoted).join(',')}\r\n`
}

/**
 * Text that people or exchanges chose. A spreadsheet would run what begins like a formula, so an apostrophe goes before it. Never for numbers: of
 * those a minus is a part.
 */
export function textCell(text: string): string {
  return /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
