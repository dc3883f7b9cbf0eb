import type { Hostile, Keys } from './hostile.ts'
import { hostileEntries } from './hostile-entries.ts'
import { hostileGzip } from './hostile-gzip.ts'
import { hostileManifests, hostileSignatures } from './hostile-manifests.ts'

/** Every hostile package. */
export function corpus(keys: Keys): Hostile[] {
  return [
    ...hostileGzip(keys),
    ...hostileEntries(keys),
    ...hostileManifests(keys),
    ...hostileSignatures(keys),
    { code: 'PACKAGE_EMPTY', name: 'an empty file', bytes: Buffer.alloc(0) },
  ]
}
