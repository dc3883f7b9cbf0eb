import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { encodeManifest, type Manifest, type ManifestFile } from '../../tree/manifest.ts'
import { keyIdOf, type TrustedKey } from '../keys.ts'
import { signManifest } from '../signature.ts'
import { END, rawEntry, rawGzip, type RawEntry } from './raw-tar.ts'

export type TestKey = TrustedKey & { privateKey: KeyObject }

export function makeKey(file = 'test.pub'): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { keyId: keyIdOf(publicKey), key: publicKey, file, privateKey }
}

export type Files = Record<string, string | Buffer>

/** A small tree with what is hard: an empty file, one of exactly a block, one of many, a long path, a name beyond ASCII, a program. */
export const GOOD: Files = {
  'README.md': '# TradeBot\n',
  [`app/${'deep/'.repeat(20)}${'n'.repeat(90)}.ts`]: 'export const deep = true\n',
  'app/Ünïcode – 名.ts': 'export {}\n',
  'empty.txt': '',
  'package.json': '{"name":"tradebot","version":"1.2.3"}\n',
  'scripts/block.bin': Buffer.alloc(512, 7),
  'scripts/large.bin': Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7919) % 251)),
  'scripts/run.sh': '#!/bin/sh\n',
}

export function fileOf(path: string, content: string | Buffer): ManifestFile {
  const bytes = Buffer.from(content)
  return {
    path,
    size: bytes.length,
    mode: path.endsWith('.sh') ? '0755' : '0644',
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }
}

export function manifestOf(files: Files, release = '1.2.3'): Manifest {
  const names = Object.keys(files).sort((one, two) => (one < two ? -1 : 1))
  return {
    format: 'tradebot-manifest',
    version: 1,
    product: 'tradebot',
    release,
    files: names.map((name) => fileOf(name, files[name] ?? '')),
  }
}

/** A package in parts, any of which a test may exchange before it is put together. */
export type Parts = { manifest: Buffer; signature: Buffer | null; entries: RawEntry[]; end: Buffer }

export function partsOf(files: Files, key: TestKey | null, release?: string): Parts {
  const manifest = manifestOf(files, release)
  return {
    ...head(encodeManifest(manifest), key),
    entries: manifest.files.map((file) => entryOf(file, files)),
    end: END,
  }
}

/** A manifest of any bytes, rightly signed. */
export function head(manifest: Buffer, key: TestKey | null): Pick<Parts, 'manifest' | 'signature'> {
  return { manifest, signature: key === null ? null : signManifest(manifest, key.privateKey) }
}

function entryOf(file: ManifestFile, files: Files): RawEntry {
  // ustar: what does not fit into the name goes into the prefix, cut at a slash as node-tar cuts it.
  const slash = file.path.lastIndexOf('/')
  const split = Buffer.byteLength(file.path) >= 100
  return {
    name: split ? file.path.slice(slash + 1) : file.path,
    ...(split ? { prefix: file.path.slice(0, slash) } : {}),
    content: files[file.path] ?? '',
    mode: Number.parseInt(file.mode, 8),
  }
}

export function tarOf(parts: Parts): Buffer {
  const signature = parts.signature === null ? [] : [{ name: 'manifest.sig', content: parts.signature }]
  const entries = [{ name: 'manifest.json', content: parts.manifest }, ...signature, ...parts.entries]
  return Buffer.concat([...entries.map(rawEntry), parts.end])
}

export function packageOf(parts: Parts): Buffer {
  return rawGzip(tarOf(parts))
}
