import path from 'node:path'
import { RefusedError } from '../frame/errors.ts'
import type { Manifest } from '../tree/manifest.ts'

/**
 * Refuses a tree whose package would carry what must never leave a machine: files that by their names are secrets, and the key that signs.
 * @param signingKeyHash SHA-256 of the signing key's file, so that a copy of it is found too
 * @throws RefusedError SECRET_IN_TREE, SIGNING_KEY_IN_TREE
 */
export function refuseSecretFiles(manifest: Manifest, signingKeyHash: string | undefined): void {
  const copy = manifest.files.find((file) => file.sha256 === signingKeyHash)
  if (copy !== undefined)
    throw new RefusedError(
      'SIGNING_KEY_IN_TREE',
      `${copy.path} is the private key that signs: it would get into the package.`,
      {
        hint: 'Keep it outside the tree.',
      },
    )
  const secret = manifest.files.find((file) => SECRET_NAME.test(path.posix.basename(file.path)))
  if (secret !== undefined)
    throw new RefusedError(
      'SECRET_IN_TREE',
      `${secret.path} looks like a secret: it would get into the package.`,
      {
        hint: 'Take it out of the tree, or name it in .tradebotignore.',
      },
    )
}

const SECRET_NAME =
  /^(\.env.*|.*\.env|master\.key|.*\.(key|pem|p8|p12|pfx|jks|keystore)|id_(rsa|dsa|ecdsa|ed25519)|\.(netrc|pgpass|git-credentials))$/i

/** Looks for a private key in the pieces of a file; true once it is found. */
export function makeSecretSearch(): (piece: Buffer) => boolean {
  let tail = ''
  return (piece) => {
    const text = tail + piece.toString('latin1')
    tail = text.slice(-LONGEST)
    return text.includes('PRIVATE KEY') && PRIVATE_KEY.test(text)
  }
}

/** PEM as it stands in a file, and as a string in JSON; source text that only speaks of it has no key after the line. */
const PRIVATE_KEY =
  /-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\r|\\n){1,8}(?:[A-Za-z0-9+/=]{40}|Proc-Type:|Version:)/
const LONGEST = 200
