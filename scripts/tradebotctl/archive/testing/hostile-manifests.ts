import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { encodeManifest, type Manifest } from '../../tree/manifest.ts'
import { signManifest } from '../signature.ts'
import { changed, type Hostile, type Keys } from './hostile.ts'
import { fileOf, GOOD, head, manifestOf, packageOf, partsOf } from './packages.ts'

/** Wrong manifests, rightly signed by a trusted key: even that key's owner gets nothing through. */
export function hostileManifests(keys: Keys): Hostile[] {
  const good = partsOf(GOOD, keys.trusted)
  const manifest = manifestOf(GOOD)
  const text = encodeManifest(manifest).toString()
  const of = (code: string, name: string, bytes: Buffer | string): Hostile => ({
    ...{ code, name: `manifest: ${name}` },
    bytes: packageOf({ ...good, ...head(Buffer.from(bytes), keys.trusted) }),
  })
  const json = (code: string, name: string, value: unknown) =>
    of(code, name, `${JSON.stringify(value, null, 2)}\n`)
  const file = (code: string, name: string, change: Record<string, unknown>) =>
    json(code, name, {
      ...manifest,
      files: manifest.files.map((each, index) => (index === 1 ? { ...each, ...change } : each)),
    })
  return [
    of('MANIFEST_NOT_JSON', 'empty', ''),
    of('MANIFEST_NOT_JSON', 'cut off', text.slice(0, 300)),
    of('MANIFEST_NOT_JSON', 'with a byte order mark', `\ufeff${text}`),
    of('MANIFEST_NOT_JSON', 'nested a million times', '['.repeat(1_000_000)),
    of('MANIFEST_NOT_UTF8', 'not UTF-8', Buffer.concat([Buffer.from(text), Buffer.from([0xff])])),
    json('MANIFEST_FORMAT', 'an array', []),
    json('MANIFEST_FORMAT', 'null', null),
    json('MANIFEST_FORMAT', 'another format', { ...manifest, format: 'other' }),
    json('MANIFEST_VERSION_UNKNOWN', 'version 2', { ...manifest, version: 2 }),
    json('MANIFEST_VERSION_UNKNOWN', 'version "1"', { ...manifest, version: '1' }),
    json('MANIFEST_VERSION_UNKNOWN', 'no version', { ...manifest, version: undefined }),
    json('MANIFEST_OTHER_PRODUCT', 'another product', { ...manifest, product: 'tradebot-pro' }),
    json('MANIFEST_TYPE', 'files that are no list', { ...manifest, files: {} }),
    json('MANIFEST_TYPE', 'no files', { ...manifest, files: undefined }),
    json('MANIFEST_UNKNOWN_KEY', 'a key that is not known', { ...manifest, scripts: { install: 'x' } }),
    json('MANIFEST_RELEASE', 'a release that climbs', { ...manifest, release: '../../etc' }),
    json('MANIFEST_RELEASE', 'a release that is no version', { ...manifest, release: '1.0' }),
    of('MANIFEST_NOT_CANONICAL', 'without its last line break', text.trimEnd()),
    of('MANIFEST_NOT_CANONICAL', 'written without spaces', JSON.stringify(manifest)),
    of(
      'MANIFEST_NOT_CANONICAL',
      'a key twice',
      text.replace('"release"', '"release": "9.9.9",\n  "release"'),
    ),
    of('MANIFEST_NOT_CANONICAL', 'a number spelt otherwise', text.replace('"size": 512', '"size": 5.12e2')),
    of('MANIFEST_UNKNOWN_KEY', '__proto__', text.replace('"release"', '"__proto__": {"a": 1},\n  "release"')),
    file('MANIFEST_TYPE', 'a size in words', { size: 'five' }),
    file('MANIFEST_SIZE', 'a negative size', { size: -1 }),
    file('MANIFEST_SIZE', 'half a byte', { size: 0.5 }),
    file('MANIFEST_FILE_TOO_LARGE', 'a file of a terabyte', { size: 2 ** 40 }),
    file('MANIFEST_MODE', 'a setuid mode', { mode: '4755' }),
    file('MANIFEST_MODE', 'a mode open to all', { mode: '0777' }),
    file('MANIFEST_TYPE', 'a mode that is a number', { mode: 0o644 }),
    file('MANIFEST_HASH', 'a hash in capitals', { sha256: 'A'.repeat(64) }),
    file('MANIFEST_HASH', 'a short hash', { sha256: 'abc' }),
    file('MANIFEST_TYPE', 'a path that is a number', { path: 1 }),
    json('MANIFEST_UNSORTED', 'not sorted', { ...manifest, files: manifest.files.toReversed() }),
    json('PATH_DOUBLED', 'a file twice', {
      ...manifest,
      files: manifest.files.flatMap((each) => [each, each]),
    }),
    json('MANIFEST_TOO_MANY_FILES', '50,001 files', many(50_001)),
    ...PATHS.map(([code, path]) => withPath(keys, code, path)),
    ...PACKAGE_JSONS.map(([name, content]) => ({
      ...{ code: 'RELEASE_OTHER', name: `package.json: ${name}` },
      bytes: packageOf(partsOf({ ...GOOD, 'package.json': content }, keys.trusted)),
    })),
  ]
}

const PACKAGE_JSONS: readonly (readonly [name: string, content: string])[] = [
  ['of another version', '{"name":"tradebot","version":"1.2.4"}\n'],
  ['of another product', '{"name":"tradebot-pro","version":"1.2.3"}\n'],
  ['without a version', '{"name":"tradebot"}\n'],
  ['cut off', '{"name":"tradebot","version":"1.2.3"'],
  ['of two megabytes', `{"name":"tradebot","version":"1.2.3"}${' '.repeat(2 ** 21)}`],
]

const PATHS: readonly (readonly [code: string, path: string])[] = [
  ['PATH_ABSOLUTE', '/etc/cron.d/tradebot'],
  ['PATH_CLIMBS', '../outside.txt'],
  ['PATH_CLIMBS', 'app/../../outside.txt'],
  ['PATH_CLIMBS', './x'],
  ['PATH_EMPTY_PART', 'app//x'],
  ['PATH_EMPTY', ''],
  ['PATH_BACKSLASH', 'app\\x'],
  ['PATH_CONTROL', 'app/x\0.ts'],
  ['PATH_CONTROL', 'app/\x7f'],
  ['PATH_NOT_NFC', 'app/U\u0308'],
  ['PATH_COLLIDES', 'README.MD'],
  ['PATH_FILE_AND_FOLDER', 'README.md/x'],
  ['PATH_NOT_PORTABLE', 'aux'],
  ['PATH_TOO_LONG', `app/${'x'.repeat(300)}`],
  ['PATH_TOO_DEEP', `${'d/'.repeat(40)}x`],
  ['MANIFEST_NAMES_ITSELF', 'manifest.json'],
  ['MANIFEST_NAMES_ITSELF', 'Manifest.sig'],
  ['PATH_NEVER_CARRIED', '.env'],
  ['PATH_NEVER_CARRIED', '.git/hooks/post-checkout'],
  ['PATH_NEVER_CARRIED', 'data/master.key'],
  ['PATH_NEVER_CARRIED', 'node_modules/zod/index.js'],
]

/** The manifest names it, and the archive has it. */
function withPath(keys: Keys, code: string, path: string): Hostile {
  const files = [...manifestOf(GOOD).files, fileOf(path, 'x')].toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const manifest = encodeManifest({ ...manifestOf(GOOD), files })
  return {
    ...changed(keys, code, `manifest: the path ${JSON.stringify(path.slice(0, 40))}`, ({ entries }) => ({
      ...head(manifest, keys.trusted),
      entries: [...entries, { name: path.slice(0, 99), content: 'x' }],
    })),
  }
}

function many(count: number): Manifest {
  const files = Array.from({ length: count }, (_, index) =>
    fileOf(`app/${String(index).padStart(6, '0')}.ts`, String(index)),
  )
  return { ...manifestOf(GOOD), files }
}

/** Nobody's signature, or somebody else's. */
export function hostileSignatures(keys: Keys): Hostile[] {
  const good = partsOf(GOOD, keys.trusted)
  const text = String(good.signature)
  const other = signManifest(encodeManifest(manifestOf(GOOD, '9.9.9')), keys.trusted.privateKey)
  const stranger = String(head(good.manifest, keys.stranger).signature)
  const with_ = (
    code: string,
    name: string,
    signature: Buffer | string | null,
    allowUnsigned = true,
  ): Hostile => ({
    ...{ code, name: `signature: ${name}`, allowUnsigned },
    bytes: packageOf({ ...good, signature: signature === null ? null : Buffer.from(signature) }),
  })
  const signatureOf = (bytes: Buffer) =>
    text.replace(/"signature": "[^"]+"/, `"signature": "${bytes.toString('base64')}"`)
  const raw = sign(null, good.manifest, keys.trusted.privateKey)
  const flipped = Buffer.from(/"signature": "([^"]+)"/.exec(text)?.[1] ?? '', 'base64')
  flipped[7] = (flipped[7] ?? 0) ^ 4
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return [
    with_('SIGNATURE_MISSING', 'none', null, false),
    with_('SIGNATURE_UNKNOWN_KEY', "a stranger's", stranger, false),
    with_('SIGNATURE_UNKNOWN_KEY', "a stranger's, with unsigned ones allowed", stranger),
    with_(
      'SIGNATURE_WRONG',
      "a stranger's under the trusted key's id",
      stranger.replace(keys.stranger.keyId, keys.trusted.keyId),
    ),
    with_(
      'SIGNATURE_UNKNOWN_KEY',
      "the trusted key's under another id",
      text.replace(keys.trusted.keyId, 'f'.repeat(32)),
    ),
    with_('SIGNATURE_WRONG', 'one bit altered', signatureOf(flipped)),
    with_('SIGNATURE_WRONG', 'of another manifest', other),
    with_('SIGNATURE_WRONG', 'of the bare manifest, made for something else', signatureOf(raw)),
    with_('SIGNATURE_WRONG', 'zeros', signatureOf(Buffer.alloc(64))),
    with_('SIGNATURE_UNREADABLE', 'of RSA', signatureOf(sign('sha256', good.manifest, rsa.privateKey))),
    with_('SIGNATURE_UNREADABLE', 'of no algorithm', text.replace('"ed25519"', '"none"')),
    with_('SIGNATURE_UNREADABLE', 'of version 2', text.replace('"version": 1', '"version": 2')),
    with_('SIGNATURE_UNREADABLE', 'with a key more', text.replace('"version"', '"trusted": true, "version"')),
    with_('SIGNATURE_UNREADABLE', 'spelt otherwise', `${text} `),
    with_('SIGNATURE_UNREADABLE', 'no JSON', createHash('sha256').update(text).digest()),
    with_('SIGNATURE_UNREADABLE', 'empty', ''),
    with_('ENTRY_TOO_LARGE', 'too long', text + ' '.repeat(2_000)),
  ]
}
