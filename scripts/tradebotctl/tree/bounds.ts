const KIB = 1024
const MIB = 1024 * KIB
const GIB = 1024 * MIB

/**
 * What a release may be at most, checked in manifests and packages before anything is written. Far above what TradeBot is (some 1,200 files,
 * 20 MiB), and small enough that a hostile package fills neither disk nor memory.
 */
export const BOUNDS = {
  /** Files in one release. */
  files: 50_000,
  /** Bytes of one file. */
  fileBytes: 512 * MIB,
  /** Bytes of all files together. */
  totalBytes: 4 * GIB,
  /** Bytes of manifest.json: `files` of them with long paths. */
  manifestBytes: 24 * MIB,
  /** Bytes of a path in UTF-8. Windows ends at 260 characters, the folder it is in included. */
  pathBytes: 200,
  /** Parts of a path between slashes. */
  pathDepth: 24,
  /** Bytes that one byte of a package may unpack to. Source text comes to 5, and gzip itself ends at 1,032. */
  compressionRatio: 200,
} as const
