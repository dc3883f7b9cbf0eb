import type { Context } from '../frame/context.ts'
import { readPublicKey } from './keys.ts'
import { pinKey, readPinned, trustFolderOf, unpinKey } from './trusted.ts'

export async function runTrustList(_input: unknown, context: Context) {
  const folder = trustFolderOf(context.place())
  const keys = (await readPinned(folder)).map(({ keyId, file }) => ({ keyId, file }))
  const text =
    keys.length === 0
      ? 'No key is trusted here. Add one with tradebotctl trust add FILE.pub, after checking it with whoever signs.'
      : keys.map(({ keyId, file }) => `${keyId}  ${file}`).join('\n')
  return { exitCode: 0 as const, result: { folder, keys }, text }
}

export async function runTrustAdd({ file }: { file: string }, context: Context) {
  const folder = trustFolderOf(context.place())
  const key = await readPublicKey(file)
  const added = await pinKey(folder, key)
  const text = added
    ? `Packages signed with ${key.keyId} are accepted here from now on.`
    : `${key.keyId} was trusted here already.`
  return { exitCode: 0 as const, result: { folder, keyId: key.keyId, added }, text }
}

export async function runTrustRemove({ keyid }: { keyid: string }, context: Context) {
  const folder = trustFolderOf(context.place())
  const { keyId } = await unpinKey(folder, keyid)
  const text = `Packages signed with ${keyId} are refused here from now on.`
  return { exitCode: 0 as const, result: { folder, keyId }, text }
}
