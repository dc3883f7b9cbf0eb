import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decryptSecret, encryptSecret, masterKeyFingerprint, SecretError } from './secrets.ts'

const key = Buffer.alloc(32, 1)
const otherKey = Buffer.alloc(32, 2)

test('what was encrypted comes back, and only with the same key and owner', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (secret, owner) => {
      const encrypted = encryptSecret(key, secret, owner)
      expect(decryptSecret(key, encrypted, owner)).toBe(Buffer.from(secret).toString())
      expect(() => decryptSecret(otherKey, encrypted, owner)).toThrow(SecretError)
      expect(() => decryptSecret(key, encrypted, `${owner}x`)).toThrow(SecretError)
    }),
    { numRuns: 50 },
  )
})

test('equal secrets look different, and altered text is refused', () => {
  const encrypted = encryptSecret(key, 'secret', 'u1:k1')
  expect(encryptSecret(key, 'secret', 'u1:k1')).not.toBe(encrypted)
  const bytes = Buffer.from(encrypted.slice(3), 'base64')
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  expect(() => decryptSecret(key, `v1:${bytes.toString('base64')}`, 'u1:k1')).toThrow(SecretError)
  for (const text of ['', 'v1:', 'v2:AAAA', 'secret'])
    expect(() => decryptSecret(key, text, '')).toThrow(SecretError)
})

test('the fingerprint tells keys apart and is stable', () => {
  expect(masterKeyFingerprint(key)).toMatch(/^[0-9a-f]{32}$/)
  expect(masterKeyFingerprint(key)).toBe(masterKeyFingerprint(Buffer.alloc(32, 1)))
  expect(masterKeyFingerprint(key)).not.toBe(masterKeyFingerprint(otherKey))
})
