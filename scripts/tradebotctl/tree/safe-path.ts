import { RefusedError } from '../frame/errors.ts'
import { BOUNDS } from './bounds.ts'

/** Why a path may not be in a release: a stable code and a sentence. */
export type PathFault = { code: string; sentence: string }

/**
 * What is wrong with the path of a file in a release by itself; undefined: nothing. It must name the same file, below the root, on every
 * system, so what Windows or macOS would take for another name is a fault too.
 */
export function pathFault(path: string): PathFault | undefined {
  for (const [code, isWrong, why] of RULES)
    if (isWrong(path)) return { code, sentence: `${quoted(path)} ${why}.` }
  return undefined
}

/** @throws RefusedError PATH_… */
export function checkPath(path: string): void {
  const fault = pathFault(path)
  if (fault !== undefined) throw new RefusedError(fault.code, fault.sentence)
}

/**
 * Takes one path after the other and finds those that cannot be there together: the same twice, the same but for case or Unicode form, a file
 * that is also a folder.
 */
export function makePathSet(): { faultOf: (path: string) => PathFault | undefined } {
  /** By folded path: the path as it was spelt, and whether a file or the folder of one. */
  const taken = new Map<string, { path: string; folder: boolean }>()
  return {
    faultOf(path) {
      const parts = path.split('/')
      let [spelt, folded] = ['', '']
      for (const [index, part] of parts.entries()) {
        spelt = index === 0 ? part : `${spelt}/${part}`
        folded = index === 0 ? fold(part) : `${folded}/${fold(part)}`
        const folder = index < parts.length - 1
        const other = taken.get(folded)
        if (other === undefined) taken.set(folded, { path: spelt, folder })
        else if (!folder || !other.folder || other.path !== spelt) {
          const fault = collisionOf(spelt, folder, other)
          if (fault !== undefined) return fault
        }
      }
      return undefined
    },
  }
}

/** The manifest of a release and its signature: beside the files, never among them. */
export function isManifestFile(path: string): boolean {
  return /^manifest\.(json|sig)$/.test(fold(path))
}

/**
 * What no release carries, whatever a manifest says: packages (the lock file brings them), git's own, data, settings and secrets. A name counts
 * in any case, for on some systems it is the same file.
 */
export function isNeverCarried(path: string): boolean {
  if (path === IGNORE_FILE) return false
  const parts = path.split('/').map(fold)
  if (parts[0] === 'data') return true
  return parts.some((part) => /^(node_modules|\.git|\.env|\.env\..*|\.tradebot.*)$/.test(part))
}

/** The file that names what else is left out; itself a file of the release, so that changing it is seen. */
export const IGNORE_FILE = '.tradebotignore'

/** A path for a sentence: quoted, and short whatever it holds. */
export function quoted(path: string): string {
  return JSON.stringify(path.length > 120 ? `${path.slice(0, 119)}…` : path)
}

/** Equal for names that a file system may take for one: case and compatibility forms are gone ("ß" and "SS", "K" and the Kelvin sign). */
function fold(name: string): string {
  if (/^[a-z0-9._-]*$/.test(name)) return name
  return name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
}

function collisionOf(
  path: string,
  folder: boolean,
  other: { path: string; folder: boolean },
): PathFault | undefined {
  const [one, two] = [quoted(other.path), quoted(path)]
  if (other.path !== path)
    return {
      code: 'PATH_COLLIDES',
      sentence: `${one} and ${two} differ only by case or Unicode form: on some systems they are one.`,
    }
  if (folder !== other.folder)
    return { code: 'PATH_FILE_AND_FOLDER', sentence: `${two} is both a file and a folder.` }
  return folder ? undefined : { code: 'PATH_DOUBLED', sentence: `${two} is there twice.` }
}

const parts = (path: string) => path.split('/')

/** In this order: the first that fits is told. */
const RULES: readonly (readonly [code: string, isWrong: (path: string) => boolean, why: string])[] = [
  ['PATH_EMPTY', (path) => path === '', 'is no path'],
  [
    'PATH_TOO_LONG',
    (path) => path.length > BOUNDS.pathBytes || Buffer.byteLength(path) > BOUNDS.pathBytes,
    `is longer than ${BOUNDS.pathBytes} bytes`,
  ],
  [
    'PATH_CONTROL',
    (path) => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\uFFFD]/u.test(path),
    'holds control or invisible characters',
  ],
  ['PATH_BACKSLASH', (path) => path.includes('\\'), 'holds a backslash'],
  ['PATH_ABSOLUTE', (path) => /^(\/|[A-Za-z]:)/.test(path), 'is absolute'],
  ['PATH_CLIMBS', (path) => parts(path).some((part) => part === '..' || part === '.'), 'climbs with . or ..'],
  ['PATH_EMPTY_PART', (path) => parts(path).includes(''), 'has an empty part'],
  [
    'PATH_TOO_DEEP',
    (path) => parts(path).length > BOUNDS.pathDepth,
    `is deeper than ${BOUNDS.pathDepth} folders`,
  ],
  ['PATH_NOT_NFC', (path) => path !== path.normalize('NFC'), 'is not in Unicode form NFC'],
  [
    'PATH_NOT_PORTABLE',
    (path) => parts(path).some((part) => WINDOWS_REFUSES.test(part)),
    'is a name that Windows takes for another',
  ],
]

/** Devices by name, streams by colon, endings that are dropped, characters that no name may have. */
const WINDOWS_REFUSES = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)|[<>:"|?*]|[. ]$/i
