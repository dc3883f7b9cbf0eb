import { z } from 'zod'
import { defineCommand } from '../frame/command.ts'

const input = z.object({
  out: z.string({ error: 'a name is needed: NAME.key and NAME.pub are written' }).min(1),
  passphraseFile: z.string().optional(),
})

const result = z.strictObject({
  keyId: z.string().describe('Names the key: the first 16 bytes of the SHA-256 of its SPKI DER, in hex.'),
  privateFile: z.string().describe('The private key, PKCS#8 PEM, mode 0600.'),
  publicFile: z.string().describe('The public key, SPKI PEM, mode 0644.'),
  encrypted: z.boolean().describe('The private key is encrypted with a passphrase.'),
})

export type KeygenInput = z.infer<typeof input>
export type KeygenResult = z.infer<typeof result>

export const keygen = defineCommand({
  name: 'keygen',
  summary: 'Make a pair of keys that packages are signed with',
  details:
    'Ed25519. Writes NAME.key, which signs and stays with you, and NAME.pub, which is given to those who install. Neither is written over.',
  options: [
    ['--out <name>', 'where the two files are written, without their endings'],
    [
      '--passphrase-file <file>',
      'encrypt the private key with the passphrase in this file, - for standard input',
    ],
  ],
  examples: [
    ['tradebotctl keygen --out ~/release', 'write ~/release.key and ~/release.pub'],
    [
      'tradebotctl keygen --out ~/release --passphrase-file -',
      'ask for nothing, read the passphrase from standard input',
    ],
  ],
  needs: 'nothing',
  input,
  result,
  load: () => import('../archive/run-keygen.ts').then((module) => module.runKeygen),
})
