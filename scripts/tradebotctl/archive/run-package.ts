import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { closeSync, lstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import path from 'node:path'
import type { PackageInput, PackageResult } from '../commands/package.ts'
import type { Context } from '../frame/context.ts'
import { checkOut } from '../files/check-out.ts'
import { CouldNotError, RefusedError, UsageError } from '../frame/errors.ts'
import { readSecret } from '../frame/secrets.ts'
import { makeManifest } from '../tree/make-manifest.ts'
import { encodeManifest, type Manifest } from '../tree/manifest.ts'
import { buildTree } from './build-tree.ts'
import { GZIP_HEADER } from './gzip.ts'
import { isEncryptedKey, keyIdOf, readPrivateKey } from './keys.ts'
import { openPackage } from './open-package.ts'
import { refuseSecretFiles } from './secrets-in-files.ts'
import { signManifest } from './signature.ts'
import { writePackage } from './write-package.ts'

/** Packs a clone. */
export async function runPackage(input: PackageInput, context: Context) {
  if (input.passphraseFile !== undefined && input.sign === undefined)
    throw new UsageError('--passphrase-file is for the key that --sign names.')
  const tree = treeOf(context)
  const key = input.sign === undefined ? undefined : await readKey(input.sign, input, context)
  if (!input.dryRun) {
    if (input.out !== undefined) checkOut(input.out)
    await buildTree(tree, context)
  }
  const all = await makeManifest(tree, {
    signal: context.signal,
    onProgress: (done, total) => context.progress.show('Hashing', done, total),
  })
  const out = path.resolve(input.out ?? `tradebot-${all.release}.tar.gz`)
  const manifest = without(all, path.relative(tree, out))
  refuseSecretFiles(manifest, key?.fileHash)
  if (!input.dryRun) refuseOther(out)
  const source = {
    ...{ root: tree, manifest, signal: context.signal },
    signature: key === undefined ? null : signManifest(encodeManifest(manifest), key.privateKey),
    onProgress: (done: number, total: number) => context.progress.show('Packing', done, total),
  }
  const written = await writePackage(source, input.dryRun ? undefined : out, (draft) => readBack(draft, key))
  const result: PackageResult = {
    path: input.dryRun ? null : out,
    release: manifest.release,
    files: manifest.files.length,
    ...written,
    keyId: key?.keyId ?? null,
    listing: input.dryRun ? manifest.files.map(({ path, size, mode }) => ({ path, size, mode })) : null,
  }
  return { exitCode: 0 as const, result, text: textOf(result, context) }
}

type SigningKey = { privateKey: KeyObject; publicKey: KeyObject; keyId: string; fileHash: string }

function treeOf(context: Context): string {
  const place = context.place()
  if (place.kind === 'clone') return place.tree
  throw new CouldNotError('NOT_A_CLONE', `${place.root} is an installation; a package is made of a clone.`, {
    hint: 'Name the clone with --root DIR.',
  })
}

async function readKey(file: string, input: PackageInput, context: Context): Promise<SigningKey> {
  const passphrase = (await isEncryptedKey(file))
    ? await readSecret(context, input.passphraseFile, '--passphrase-file', "The key's passphrase")
    : undefined
  const privateKey = await readPrivateKey(file, passphrase)
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
    context.note(`Others on this machine may read ${file}: chmod 600 ${file}`)
  const publicKey = createPublicKey(privateKey)
  const fileHash = createHash('sha256').update(readFileSync(file)).digest('hex')
  return { privateKey, publicKey, keyId: keyIdOf(publicKey), fileHash }
}

/** The package of an earlier run is no part of the tree, wherever it is. */
function without(manifest: Manifest, out: string): Manifest {
  const name = out.split(path.sep).join('/')
  return { ...manifest, files: manifest.files.filter((file) => file.path !== name) }
}

/** A package may be replaced by one; any other file was hardly meant. */
function refuseOther(out: string): void {
  const stats = lstatSync(out, { throwIfNoEntry: false })
  if (stats === undefined) return
  if (stats.isFile()) {
    const start = Buffer.alloc(GZIP_HEADER.length)
    const descriptor = openSync(out, 'r')
    readSync(descriptor, start)
    closeSync(descriptor)
    if (start.equals(GZIP_HEADER)) return
  }
  throw new RefusedError('OUT_OCCUPIED', `${out} exists, and is no package: it is not written over.`, {
    hint: 'Choose another name with --out FILE.',
  })
}

/** What is written is what will be accepted: read as an installation reads it, before it gets its name. */
async function readBack(draft: string, key: SigningKey | undefined): Promise<void> {
  const trusted = key === undefined ? [] : [{ keyId: key.keyId, key: key.publicKey, file: 'the signing key' }]
  const checked = await openPackage(draft, { trusted, allowUnsigned: key === undefined })
  await checked.close()
}

function textOf(result: PackageResult, { paint }: Context): string {
  const listing = (result.listing ?? []).map(
    ({ path, size, mode }) => `${mode}  ${String(size).padStart(10)}  ${path}`,
  )
  const signed =
    result.keyId === null
      ? paint.warn('unsigned: it is taken only where --allow-unsigned is said')
      : `signed with ${result.keyId}`
  return [
    ...listing,
    `TradeBot ${result.release}, ${result.files} files, ${signed}`,
    `SHA-256    ${result.sha256}`,
    result.path === null
      ? `It would have ${result.bytes} bytes as things are; nothing was built or written.`
      : `Written to ${result.path} (${result.bytes} bytes)`,
  ].join('\n')
}
