import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { closeSync, constants, existsSync, fchmodSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'
import { checkOut } from '../files/check-out.ts'
import { syncFolder } from '../files/write-atomically.ts'
import type { KeygenInput, KeygenResult } from '../commands/keygen.ts'
import type { Context } from '../frame/context.ts'
import { RefusedError } from '../frame/errors.ts'
import { readSecret } from '../frame/secrets.ts'
import { keyIdOf } from './keys.ts'

/** A new pair of keys in two new files. */
export async function runKeygen(input: KeygenInput, context: Context) {
  const [privateFile, publicFile] = [path.resolve(`${input.out}.key`), path.resolve(`${input.out}.pub`)]
  checkOut(privateFile)
  for (const file of [privateFile, publicFile]) if (existsSync(file)) throw occupied(file)
  const passphrase =
    input.passphraseFile === undefined
      ? undefined
      : await readSecret(context, input.passphraseFile, '--passphrase-file', 'The passphrase')
  const { privateKey } = generateKeyPairSync('ed25519')
  const publicKey = createPublicKey(privateKey)
  const lock = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }
  context.signal.throwIfAborted()
  writeNew(privateFile, privateKey.export({ type: 'pkcs8', format: 'pem', ...lock }), 0o600)
  try {
    writeNew(publicFile, publicKey.export({ type: 'spki', format: 'pem' }), 0o644)
  } catch (error) {
    rmSync(privateFile, { force: true })
    throw error
  }
  syncFolder(path.dirname(privateFile))
  const keyId = keyIdOf(publicKey)
  const encrypted = passphrase !== undefined
  const result: KeygenResult = { keyId, privateFile, publicFile, encrypted }
  return { exitCode: 0 as const, result, text: textOf(result) }
}

function textOf({ keyId, privateFile, publicFile, encrypted }: KeygenResult): string {
  return [
    `Key         ${keyId}`,
    `Private     ${privateFile}  (${encrypted ? 'encrypted; ' : ''}keep it to yourself, and outside the tree)`,
    `Public      ${publicFile}  (give it to those who install)`,
    '',
    `Sign:       tradebotctl package --sign ${privateFile}${encrypted ? ' --passphrase-file FILE' : ''}`,
    `Trust:      tradebotctl trust add ${publicFile}`,
  ].join('\n')
}

/** Never over a file that is there: a private key that is gone cannot be had back. */
function writeNew(file: string, text: string | Buffer, mode: number): void {
  const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants
  let descriptor: number
  try {
    descriptor = openSync(file, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw occupied(file)
    throw error
  }
  try {
    const bytes = Buffer.from(text)
    for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done)
    fchmodSync(descriptor, mode)
    fsyncSync(descriptor)
  } catch (error) {
    rmSync(file, { force: true })
    throw error
  } finally {
    closeSync(descriptor)
  }
}

function occupied(file: string): RefusedError {
  return new RefusedError('KEY_EXISTS', `${file} exists already, and a key is never written over.`, {
    hint: 'Choose another name.',
  })
}
