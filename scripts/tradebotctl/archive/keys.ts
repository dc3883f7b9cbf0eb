import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { CouldNotError, RefusedError } from '../frame/errors.ts'

/** A public key that packages are accepted from. */
export type TrustedKey = {
  /** Hex of the first 16 bytes of SHA-256 over the key's SPKI DER. */
  keyId: string
  key: KeyObject
  /** The file it was read from, for messages. */
  file: string
}

/** A key file is some 120 bytes; an encrypted one some 400. */
const LONGEST = 8 * 1024

export function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 32)
}

/** @throws RefusedError KEY_UNREADABLE, KEY_KIND, KEY_PRIVATE */
export async function readPublicKey(file: string): Promise<TrustedKey> {
  return parsePublicKey(await readShort(file), file)
}

export function parsePublicKey(pem: string, file: string): TrustedKey {
  // createPublicKey takes a private key too, which has no place among public ones.
  if (/PRIVATE KEY/.test(pem))
    throw new RefusedError('KEY_PRIVATE', `${file} is a private key; a public one (.pub) is needed.`, {
      hint: 'Keep the private key to yourself; tradebotctl keygen wrote its public half beside it.',
    })
  if (!/^-----BEGIN PUBLIC KEY-----\n[^-]+\n-----END PUBLIC KEY-----\s*$/.test(pem))
    throw new RefusedError('KEY_UNREADABLE', `${file} is not one public key in PEM format.`)
  const key = parsed(() => createPublicKey({ key: pem, format: 'pem', type: 'spki' }), file)
  refuseOtherKinds(key, file)
  return { keyId: keyIdOf(key), key, file }
}

export async function isEncryptedKey(file: string): Promise<boolean> {
  return /-----BEGIN ENCRYPTED PRIVATE KEY-----/.test(await readShort(file))
}

/**
 * The key that signs.
 * @param passphrase for a file that is encrypted
 * @throws RefusedError KEY_UNREADABLE, KEY_KIND
 */
export async function readPrivateKey(file: string, passphrase: string | undefined): Promise<KeyObject> {
  const pem = await readShort(file)
  if (!/-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(pem))
    throw new RefusedError('KEY_UNREADABLE', `${file} is not a private key in PEM format (PKCS#8).`)
  const key = parsed(
    () => createPrivateKey({ key: pem, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) }),
    file,
    passphrase === undefined ? undefined : 'The passphrase may be another one.',
  )
  refuseOtherKinds(key, file)
  return key
}

function parsed(read: () => KeyObject, file: string, hint?: string): KeyObject {
  try {
    return read()
  } catch (cause) {
    throw new RefusedError('KEY_UNREADABLE', `${file} cannot be read as a key.`, {
      cause,
      ...(hint === undefined ? {} : { hint }),
    })
  }
}

function refuseOtherKinds(key: KeyObject, file: string): void {
  if (key.asymmetricKeyType !== 'ed25519')
    throw new RefusedError('KEY_KIND', `${file} is a key of kind ${key.asymmetricKeyType}, not Ed25519.`, {
      hint: 'Make one with tradebotctl keygen.',
    })
}

async function readShort(file: string): Promise<string> {
  const bytes = await readFile(file)
  if (bytes.length > LONGEST) throw new CouldNotError('KEY_TOO_LONG', `${file} is too long to be a key file.`)
  return bytes.toString('utf8').replace(/\r\n/g, '\n')
}
