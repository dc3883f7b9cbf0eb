import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'

const manifest = readFileSync(path.join(import.meta.dirname, '..', 'package.json'), 'utf8')

/** Of package.json. */
export const { version } = z.object({ version: z.string() }).parse(JSON.parse(manifest))
