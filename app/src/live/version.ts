type Versioned = { revision: number; state: { version: string } }

/** Whether `came` is at least as new as `known`: by configuration revision, then by state version. */
export function isNewer(came: Versioned, known: Versioned): boolean {
  if (came.revision !== known.revision) return came.revision > known.revision
  return compareVersions(came.state.version, known.state.version) >= 0
}

/** Versions are counters as strings, longer than a float can count. */
function compareVersions(a: string, b: string): number {
  if (/^\d+$/.test(a) && /^\d+$/.test(b)) {
    const difference = BigInt(a) - BigInt(b)
    return difference > 0n ? 1 : difference < 0n ? -1 : 0
  }
  return 0
}
