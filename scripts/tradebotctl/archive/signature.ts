import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { RefusedError } from '../frame/errors.ts'
import { keyIdOf, type TrustedKey } from './keys.ts'

/**
 * Comes before the manifest's bytes in what is signed, so that a signature made for anything else never passes for one of a manifest.
 * Its last byte is 0, which no JSON text holds.
 */
const DOMAIN = Buffer.from('tradebot-manifest-signature-v1\0', 'utf8')
const SIGNATURE_BYTES = 64

export const LONGEST_SIGNATURE = 1024

const signatureSchema = z.strictObject({
  format: z.literal('tradebot-signature'),
  version: z.literal(1),
  algorithm: z.literal('ed25519'),
  keyId: z.string().regex(/^[0-9a-f]{32}$/),
  signature: z.string().regex(/^[A-Za-z0-9+/]{86}==$/),
})

type Signature = z.infer<typeof signatureSchema>

/** The bytes of manifest.sig. */
export function signManifest(manifest: Buffer, key: KeyObject): Buffer {
  return encode({
    format: 'tradebot-signature',
    version: 1,
    algorithm: 'ed25519',
    keyId: keyIdOf(createPublicKey(key)),
    signature: sign(null, Buffer.concat([DOMAIN, manifest]), key).toString('base64'),
  })
}

/**
 * The trusted key that made this signature over these bytes.
 * @throws RefusedError SIGNATURE_UNREADABLE, SIGNATURE_UNKNOWN_KEY, SIGNATURE_WRONG
 */
export function verifySignature(manifest: Buffer, bytes: Buffer, trusted: readonly TrustedKey[]): TrustedKey {
  const { keyId, signature } = parse(bytes)
  const known = trusted.find((each) => each.keyId === keyId && keyIdOf(each.key) === keyId)
  if (known === undefined)
    throw new RefusedError(
      'SIGNATURE_UNKNOWN_KEY',
      `The package is signed with a key that is not trusted here: ${keyId}.`,
      {
        hint:
          trusted.length === 0
            ? 'No key is trusted here yet: tradebotctl trust add FILE.pub, after checking the key with whoever signs.'
            : 'See tradebotctl trust list; add a key only after checking it with whoever signs.',
      },
    )
  const signed = Buffer.from(signature, 'base64')
  const right =
    known.key.asymmetricKeyType === 'ed25519' &&
    signed.length === SIGNATURE_BYTES &&
    verify(null, Buffer.concat([DOMAIN, manifest]), known.key, signed)
  if (!right)
    throw new RefusedError(
      'SIGNATURE_WRONG',
      'The signature does not belong to this manifest: one of them was altered.',
      {
        hint: 'Get the package again from whoever made it.',
      },
    )
  return known
}

function parse(bytes: Buffer): Signature {
  const signature = signatureSchema.safeParse(jsonOf(bytes))
  // There is one way to write it; another is not what we wrote.
  if (signature.success && encode(signature.data).equals(bytes)) return signature.data
  throw new RefusedError(
    'SIGNATURE_UNREADABLE',
    'The signature (manifest.sig) is not in the format that TradeBot writes.',
  )
}

function jsonOf(bytes: Buffer): unknown {
  if (bytes.length > LONGEST_SIGNATURE) return undefined
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined // Refused by the schema.
  }
}

function encode(each: Signature): Buffer {
  const { format, version, algorithm, keyId, signature } = each
  return Buffer.from(`${JSON.stringify({ format, version, algorithm, keyId, signature }, null, 2)}\n`)
}
