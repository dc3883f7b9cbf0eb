import { rawGzip, type RawEntry } from './raw-tar.ts'
import { GOOD, partsOf, tarOf, type Parts, type TestKey } from './packages.ts'

/** A package that must be refused with this code. */
export type Hostile = {
  name: string
  code: string
  bytes: Buffer
  /** Whether --allow-unsigned is said, which must not help. */
  allowUnsigned?: boolean
}

/** `trusted` is pinned where the packages are opened; `stranger` is not. */
export type Keys = { trusted: TestKey; stranger: TestKey }

/** A case whose package is the good one, rightly signed, but for what `change` does to its parts. */
export function changed(
  keys: Keys,
  code: string,
  name: string,
  change: (parts: Parts) => Partial<Parts>,
): Hostile {
  const parts = partsOf(GOOD, keys.trusted)
  return { name, code, bytes: rawGzip(tarOf({ ...parts, ...change(parts) })) }
}

/** The good package with something else about one of its entries. */
export function withEntry(keys: Keys, code: string, name: string, entry: Partial<RawEntry>, at = 0): Hostile {
  return changed(keys, code, name, ({ entries }) => ({
    entries: entries.map((each, index) => (index === at ? { ...each, ...entry } : each)),
  }))
}

/** The good package with one entry more, at its end. */
export function withExtra(keys: Keys, code: string, name: string, entry: RawEntry): Hostile {
  return changed(keys, code, name, ({ entries }) => ({ entries: [...entries, entry] }))
}

/** Any bytes, as a gzip member that is right. */
export function gzipped(code: string, name: string, tar: Buffer): Hostile {
  return { code, name, bytes: rawGzip(tar) }
}
