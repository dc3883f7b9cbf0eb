import { gzipSync } from 'node:zlib'
import { gzipped, type Hostile, type Keys } from './hostile.ts'
import { GOOD, partsOf, tarOf } from './packages.ts'
import { rawGzip } from './raw-tar.ts'

/** Wrong gzip files, and bombs. The tar within is the good one. */
export function hostileGzip(keys: Keys): Hostile[] {
  const tar = tarOf(partsOf(GOOD, keys.trusted))
  const good = rawGzip(tar)
  const other = rawGzip(tarOf(partsOf({ 'evil.sh': 'x' }, keys.trusted)))
  const joined = (...pieces: (Buffer | string)[]) => Buffer.concat(pieces.map((piece) => Buffer.from(piece)))
  const flagged = (flags: number, extra: Buffer | string) =>
    joined(good.subarray(0, 3), Buffer.from([flags]), good.subarray(4, 10), extra, good.subarray(10))
  const patched = (offset: number, value: number) => {
    const copy = Buffer.from(good)
    copy[offset < 0 ? copy.length + offset : offset] = value
    return copy
  }
  const flip = (offset: number) => patched(offset, (good.at(offset) ?? 0) ^ 1)
  const cases: readonly (readonly [code: string, name: string, bytes: Buffer])[] = [
    ['GZIP_NOT', 'a tar that is not compressed', tar],
    ['GZIP_NOT', 'a zip file', joined('PK\x03\x04', tar)],
    ['GZIP_NOT', 'text', Buffer.from('not a package')],
    ['GZIP_NOT', 'a single byte', Buffer.from([0x1f])],
    ['GZIP_NOT', 'something before the gzip header', joined('\n', good)],
    ['GZIP_HEADER', 'a file name', flagged(8, 'name\0')],
    ['GZIP_HEADER', 'a comment', flagged(16, 'comment\0')],
    ['GZIP_HEADER', 'an extra field', flagged(4, Buffer.from([2, 0, 65, 66]))],
    ['GZIP_HEADER', 'a checksum of the header', flagged(2, Buffer.from([0, 0]))],
    ['GZIP_HEADER', 'unknown flags', flagged(0x80, '')],
    ['GZIP_HEADER', 'a time in the gzip header', patched(4, 1)],
    ['GZIP_HEADER', 'another method', patched(2, 7)],
    ['GZIP_HEADER', 'as gzip(1) writes it', gzipSync(tar)],
    ['GZIP_TRUNCATED', 'a header alone', good.subarray(0, 10)],
    ['GZIP_TRUNCATED', 'the first half', good.subarray(0, good.length / 2)],
    ['GZIP_TRUNCATED', 'without its last byte', good.subarray(0, -1)],
    ['GZIP_TRUNCATED', 'without its trailer', good.subarray(0, -8)],
    ['GZIP_CONCATENATED', 'two packages in a row', joined(good, other)],
    ['GZIP_CONCATENATED', 'an empty second member', joined(good, rawGzip(Buffer.alloc(0)))],
    [
      'GZIP_CONCATENATED',
      'the tar over two members',
      joined(rawGzip(tar.subarray(0, -1024)), rawGzip(Buffer.alloc(1024))),
    ],
    ['GZIP_TRAILING', 'zeros after the end', joined(good, Buffer.alloc(512))],
    ['GZIP_TRAILING', 'a script after the end', joined(good, '\n#!/bin/sh\n')],
    ['GZIP_TRAILING', 'a byte after the gzip file', joined(good, 'x')],
    ['GZIP_CHECKSUM', 'a wrong CRC', flip(-8)],
    ['GZIP_CHECKSUM', 'a wrong length', flip(-1)],
    ['GZIP_DAMAGED', 'a block of no kind', patched(10, 0x07)],
  ]
  return [
    ...cases.map(([code, name, bytes]) => ({ code, name, bytes })),
    gzipped(
      'GZIP_RATIO',
      'a bomb that the manifest names',
      tarOf(partsOf({ 'zeros.bin': Buffer.alloc(12 << 20) }, keys.trusted)),
    ),
    gzipped('HEADER_CHECKSUM', 'a bomb of ones', Buffer.alloc(30 << 20, 1)),
    gzipped('MANIFEST_NOT_FIRST', 'a bomb of zeros', Buffer.alloc(30 << 20)),
  ]
}
