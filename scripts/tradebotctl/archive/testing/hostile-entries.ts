import { changed, gzipped, withEntry, withExtra, type Hostile, type Keys } from './hostile.ts'
import { GOOD, partsOf, tarOf } from './packages.ts'
import { rawEntry } from './raw-tar.ts'

/** Wrong tar archives: kinds of entries, names, modes, sizes, headers, order, end. */
export function hostileEntries(keys: Keys): Hostile[] {
  return [...kinds(keys), ...names(keys), ...fields(keys), ...order(keys), ...ends(keys)]
}

const KINDS: readonly (readonly [type: string, what: string])[] = [
  ['1', 'a hard link'],
  ['2', 'a symbolic link'],
  ['3', 'a character device'],
  ['4', 'a block device'],
  ['5', 'a folder'],
  ['6', 'a FIFO'],
  ['7', 'a contiguous file'],
  ['S', 'a sparse file'],
  ['L', 'a GNU long name'],
  ['K', 'a GNU long link'],
  ['D', 'a GNU folder listing'],
  ['V', 'a volume header'],
  ['x', 'a pax header'],
  ['g', 'a global pax header'],
  ['\0', 'an old tar entry'],
  ['Z', 'an unknown kind'],
]

function kinds(keys: Keys): Hostile[] {
  const one = KINDS.map(([type, what]) =>
    withEntry(keys, 'ENTRY_TYPE', `${what} instead of a file`, {
      type,
      linkName: /[12]/.test(type) ? '../../../etc/passwd' : '',
    }),
  )
  const pax = '30 path=../../outside/of-it.txt\n'
  return [
    ...one,
    withExtra(keys, 'ENTRY_TYPE', 'a symbolic link more', { name: 'link', type: '2', linkName: '/etc' }),
    withExtra(keys, 'ENTRY_TYPE', 'a setuid device more', { name: 'dev', type: '4', mode: 0o4755 }),
    changed(keys, 'ENTRY_TYPE', 'a pax header that renames the file after it', ({ entries }) => ({
      entries: [{ name: 'PaxHeader/README.md', type: 'x', content: pax }, ...entries],
    })),
    changed(keys, 'ENTRY_TYPE', 'a GNU long name that renames the file after it', ({ entries }) => ({
      entries: [{ name: '././@LongLink', type: 'L', content: '../../outside.txt\0' }, ...entries],
    })),
  ]
}

const NAMES: readonly (readonly [code: string, name: string | Buffer])[] = [
  ['PATH_ABSOLUTE', '/etc/cron.d/tradebot'],
  ['PATH_ABSOLUTE', '//server/share/x'],
  ['PATH_ABSOLUTE', 'C:/Windows/x'],
  ['PATH_CLIMBS', '../outside.txt'],
  ['PATH_CLIMBS', 'app/../../outside.txt'],
  ['PATH_CLIMBS', './README.md'],
  ['PATH_CLIMBS', '..'],
  ['PATH_EMPTY_PART', 'app//x.ts'],
  ['PATH_EMPTY_PART', 'app/'],
  ['PATH_BACKSLASH', '..\\outside.txt'],
  ['PATH_CONTROL', 'READ\nME.md'],
  ['PATH_CONTROL', 'README\x1b[2J.md'],
  ['PATH_CONTROL', 'README\u202e.md'],
  ['PATH_NOT_NFC', 'app/U\u0308n.ts'],
  ['PATH_COLLIDES', 'readme.md'],
  ['PATH_COLLIDES', 'APP/x.ts'],
  ['PATH_FILE_AND_FOLDER', 'README.md/x'],
  ['PATH_NOT_PORTABLE', 'app/con.ts'],
  ['PATH_NOT_PORTABLE', 'app/x.ts.'],
  ['PATH_NOT_PORTABLE', 'README.md:stream'],
  ['PATH_EMPTY', ''],
  ['PATH_TOO_DEEP', `${'d/'.repeat(30)}x`],
  ['HEADER_NUL', 'README.md\0.txt'],
  ['HEADER_NUL', 'README.md\0\n'],
  ['PATH_ENCODING', Buffer.from([0x61, 0xff, 0xfe])],
  ['PATH_ENCODING', Buffer.from([0x2e, 0xc0, 0xaf, 0x78])],
  ['ENTRY_EXTRA', 'app/more.ts'],
  ['ENTRY_EXTRA', '.env'],
  ['ENTRY_EXTRA', 'data/master.key'],
]

function names(keys: Keys): Hostile[] {
  return [
    ...NAMES.map(([code, name]) =>
      withExtra(keys, code, `an entry more named ${JSON.stringify(name.toString().slice(0, 40))}`, { name }),
    ),
    withExtra(keys, 'PATH_CLIMBS', 'a prefix that climbs', { name: 'x'.repeat(99), prefix: '../..' }),
    withExtra(keys, 'HEADER_NUL', 'a prefix that goes on after a NUL', { name: 'x', prefix: 'app\0/..' }),
    withEntry(keys, 'PATH_ABSOLUTE', 'a file of the manifest renamed to an absolute path', {
      name: '/README.md',
    }),
    withEntry(
      keys,
      'HEADER_FORMAT',
      'a name split where it need not be',
      { name: 'run.sh', prefix: 'scripts' },
      7,
    ),
  ]
}

function fields(keys: Keys): Hostile[] {
  const base256 = (first: number, value: number) =>
    Buffer.concat([
      Buffer.from([first]),
      Buffer.alloc(7, first & 0x7f ? 0xff : 0),
      Buffer.from([value >>> 24, value >>> 16, value >>> 8, value]),
    ])
  const cases: readonly (readonly [code: string, name: string, entry: Parameters<typeof withEntry>[3]])[] = [
    ['ENTRY_MODE', 'a setuid bit', { mode: 0o4755 }],
    ['ENTRY_MODE', 'a setgid bit', { mode: 0o2755 }],
    ['ENTRY_MODE', 'a sticky bit', { mode: 0o1644 }],
    ['ENTRY_MODE', 'a mode open to all', { mode: 0o666 }],
    ['ENTRY_MODE', 'no mode at all', { mode: 0 }],
    ['ENTRY_MODE', 'an executable that is none in the manifest', { mode: 0o755 }],
    ['ENTRY_MODE', 'a mode with the bits of a folder', { mode: 0o040644 }],
    ['HEADER_FORMAT', 'a mode that is no number', { mode: '-000644\0' }],
    ['HEADER_FORMAT', 'a mode in base 256', { patch: [[100, Buffer.from([0x80, 0, 0, 0, 0, 0, 1, 0xa4])]] }],
    ['ENTRY_SIZE', 'a size that is too small', { size: 3 }],
    ['ENTRY_SIZE', 'a size that is too large', { size: 4_000 }],
    ['ENTRY_SIZE', 'a size of 8 GB', { size: 0o77777777777 }],
    ['HEADER_SIZE', 'a size in base 256', { size: base256(0x80, 11) }],
    ['HEADER_SIZE', 'a negative size', { size: base256(0xff, 0xffffffff) }],
    ['HEADER_SIZE', 'a size with a sign', { size: Buffer.from('-0000000013\0') }],
    ['HEADER_SIZE', 'a size that is not octal', { size: Buffer.from('0000000099 \0') }],
    ['HEADER_SIZE', 'no size', { size: Buffer.alloc(12) }],
    ['HEADER_FORMAT', 'a size spelt otherwise', { size: Buffer.from('00000000013\0') }],
    ['HEADER_CHECKSUM', 'a wrong checksum', { checksumOff: 1 }],
    ['HEADER_FORMAT', 'an owner', { uid: 1000 }],
    ['HEADER_FORMAT', 'the name of an owner', { uname: 'root' }],
    ['HEADER_FORMAT', 'a time', { mtime: 1_800_000_000 }],
    ['HEADER_FORMAT', 'a link name on a file', { linkName: '/etc/passwd' }],
    ['HEADER_FORMAT', 'the GNU format', { magic: 'ustar  \0' }],
    ['HEADER_FORMAT', 'the format before ustar', { magic: '\0\0\0\0\0\0\0\0' }],
    ['HEADER_FORMAT', 'a device number', { patch: [[329, '0000007\0']] }],
    ['HEADER_FORMAT', 'bytes in the unused end of a header', { patch: [[505, 'x']] }],
    ['ENTRY_HASH', 'another content of the same size', { content: '# tradeBot\n' }],
    ['ENTRY_PADDING', 'something after a content', { padding: Buffer.alloc(501, 'x') }],
  ]
  return cases.map(([code, name, entry]) => withEntry(keys, code, name, entry))
}

function order(keys: Keys): Hostile[] {
  const good = partsOf(GOOD, keys.trusted)
  const json = { name: 'manifest.json', content: good.manifest }
  const signature = { name: 'manifest.sig', content: good.signature ?? '' }
  const first = good.entries.slice(0, 1)
  const whole = (code: string, name: string, entries: Parameters<typeof rawEntry>[0][]) => ({
    ...{ code, name },
    raw: Buffer.concat([...entries.map(rawEntry), good.end]),
  })
  return [
    changed(keys, 'ENTRY_ORDER', 'a file is missing', ({ entries }) => ({
      entries: entries.toSpliced(2, 1),
    })),
    changed(keys, 'ENTRY_MISSING', 'the last file is missing', ({ entries }) => ({
      entries: entries.slice(0, -1),
    })),
    changed(keys, 'ENTRY_MISSING', 'all files are missing', () => ({ entries: [] })),
    changed(keys, 'ENTRY_ORDER', 'another order', ({ entries }) => ({ entries: entries.toReversed() })),
    changed(keys, 'ENTRY_DOUBLED', 'a file twice', ({ entries }) => ({ entries: [...first, ...entries] })),
    changed(keys, 'ENTRY_DOUBLED', 'a file once more at the end', ({ entries }) => ({
      entries: [...entries, ...first],
    })),
    changed(keys, 'ENTRY_DOUBLED', 'a second manifest at the end', ({ entries }) => ({
      entries: [...entries, json],
    })),
    changed(keys, 'ENTRY_DOUBLED', 'a second manifest after the signature', ({ entries }) => ({
      entries: [json, ...entries],
    })),
    changed(keys, 'ENTRY_DOUBLED', 'a second signature', ({ entries }) => ({
      entries: [signature, ...entries],
    })),
    ...[
      whole('MANIFEST_NOT_FIRST', 'files before the manifest', [...good.entries, json, signature]),
      whole('MANIFEST_NOT_FIRST', 'the signature before the manifest', [signature, json, ...good.entries]),
      whole('MANIFEST_NOT_FIRST', 'no manifest', good.entries),
      whole('MANIFEST_NOT_FIRST', 'nothing at all', []),
      whole('ENTRY_TYPE', 'a manifest that is a link', [{ ...json, type: '2', linkName: '/etc/passwd' }]),
      whole('ENTRY_MODE', 'a manifest that is a program', [{ ...json, mode: 0o755 }]),
      whole('ENTRY_TOO_LARGE', 'a manifest of 8 GB', [{ ...json, size: 0o77777777777 }]),
      whole('ENTRY_TOO_LARGE', 'a signature of 8 GB', [json, { ...signature, size: 0o77777777777 }]),
    ].map(({ code, name, raw }) => gzipped(code, name, raw)),
  ]
}

function ends(keys: Keys): Hostile[] {
  const zeros = (count: number) => Buffer.alloc(count * 512)
  const cut = (bytes: number) => tarOf(partsOf(GOOD, keys.trusted)).subarray(0, -bytes)
  const second = tarOf(partsOf({ 'evil.sh': 'x' }, keys.trusted))
  const at = (code: string, name: string, end: Buffer) => changed(keys, code, name, () => ({ end }))
  return [
    at('ARCHIVE_TRUNCATED', 'no end', zeros(0)),
    at('ARCHIVE_TRUNCATED', 'half an end', zeros(1)),
    at('ARCHIVE_END', 'an end of one block', Buffer.concat([zeros(1), Buffer.alloc(512, 'x')])),
    at('ARCHIVE_TRAILING', 'blocks of zeros after the end', zeros(20)),
    at('ARCHIVE_TRAILING', 'a byte after the end', Buffer.concat([zeros(2), Buffer.from('x')])),
    at('ARCHIVE_TRAILING', 'another archive after the end', Buffer.concat([zeros(2), second])),
    at('ARCHIVE_TRAILING', 'a bomb after the end', zeros(100_000)),
    gzipped('ARCHIVE_TRUNCATED', 'a tar that ends within a content', cut(3_000)),
    gzipped('ARCHIVE_TRUNCATED', 'a tar that ends within a header', cut(2_000)),
    gzipped('ARCHIVE_TRUNCATED', 'a tar of no bytes', zeros(0)),
  ]
}
