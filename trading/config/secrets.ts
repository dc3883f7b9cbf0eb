import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'

/** A secret that cannot be decrypted: another master key, other associated data, or altered text. */
export class SecretError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SecretError'
  }
}

const ivBytes = 12
const tagBytes = 16

/**
 * AES-256-GCM with a random nonce; the answer is `v1:` and base64 of nonce, tag and ciphertext. `aad` binds it to its owner (user and key
 * ids), so that a row copied to another user decrypts to nothing.
 */
export function encryptSecret(masterKey: Buffer, plaintext: string, aad: string): string {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', masterKey, iv, { authTagLength: tagBytes })
  cipher.setAAD(Buffer.from(aad, 'utf8'))
  const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()])
  return `v1:${Buffer.concat([iv, cipher.getAuthTag(), ciphertext]).toString('base64')}`
}

/** The plaintext of `encryptSecret` with the same key and `aad`. @throws SecretError */
export function decryptSecret(masterKey: Buffer, encrypted: string, aad: string): string {
  const bytes = Buffer.from(encrypted.slice(3), 'base64')
  if (!encrypted.startsWith('v1:') || bytes.length < ivBytes + tagBytes)
    throw new SecretError('This is not an encrypted secret.')
  const decipher = createDecipheriv('aes-256-gcm', masterKey, bytes.subarray(0, ivBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAAD(Buffer.from(aad, 'utf8'))
  decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString(
      'utf8',
    )
  } catch (error) {
    throw new SecretError(
      'The secret does not decrypt: it was encrypted with another master key, or altered.',
      {
        cause: error,
      },
    )
  }
}

/** Tells one master key from another without giving anything of it away; kept in the database. 32 hex digits. */
export function masterKeyFingerprint(masterKey: Buffer): string {
  return createHmac('sha256', masterKey).update('tradebot master key fingerprint').digest('hex').slice(0, 32)
}
