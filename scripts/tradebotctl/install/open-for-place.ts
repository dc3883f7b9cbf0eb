import { openPackage, type CheckedPackage } from '../archive/open-package.ts'
import { readTrusted } from '../archive/trusted.ts'
import type { Context } from '../frame/context.ts'
import { RefusedError } from '../frame/errors.ts'
import type { Place } from '../place/find-place.ts'
import { BUNDLE } from '../place/layout.ts'

type Given = { package: string; allowUnsigned: boolean; trust: string[] }

/** Checks all of a package against the keys that are trusted at this place, and those named now; nothing is written. */
export async function openForPlace(
  place: Place | undefined,
  { signal, progress, note }: Context,
  given: Given,
): Promise<CheckedPackage> {
  const trusted = await readTrusted(place, given.trust)
  const checked = await openPackage(given.package, {
    trusted,
    allowUnsigned: given.allowUnsigned,
    signal,
    onProgress: (done, total) => progress.show('Checking the package', done, total),
  })
  progress.clear()
  for (const needed of ['package.json', 'package-lock.json', BUNDLE.replaceAll('\\', '/')])
    if (!checked.manifest.files.some((file) => file.path === needed)) {
      await checked.close()
      throw new RefusedError(
        'PACKAGE_INCOMPLETE',
        `The package has no ${needed}, without which no release runs.`,
        {
          hint: 'Make it again with tradebotctl package.',
        },
      )
    }
  if (checked.keyId === null) note('The package is not signed: nothing says who made it.')
  return checked
}
