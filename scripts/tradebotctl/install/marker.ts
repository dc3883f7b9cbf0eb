import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { writeAtomically } from '../files/write-atomically.ts'
import { CouldNotError } from '../frame/errors.ts'
import { LAYOUT, PROGRAM } from '../place/layout.ts'
import { isRelease } from '../tree/release.ts'

/** installation.json: that this folder is an installation, of which format, and what `rollback` goes back to. */
export type Marker = z.infer<typeof markerSchema>

const markerSchema = z.object({
  product: z.literal('tradebot'),
  format: z.literal(1),
  installedAt: z.iso.datetime(),
  /** The release that ran before the current one. */
  previous: z.string().refine(isRelease).nullable(),
})

/** @throws CouldNotError MARKER_UNREADABLE */
export function readMarker(root: string): Marker {
  const file = path.join(root, LAYOUT.marker)
  try {
    return markerSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    throw new CouldNotError('MARKER_UNREADABLE', `${file} cannot be read as TradeBot wrote it.`, {
      cause,
      hint: `An installation of a later tradebotctl has another format: use ${path.join(root, LAYOUT.bin, PROGRAM.link)}.`,
    })
  }
}

export function writeMarker(root: string, marker: Marker): void {
  writeAtomically(path.join(root, LAYOUT.marker), `${JSON.stringify(marker, null, 2)}\n`)
}
