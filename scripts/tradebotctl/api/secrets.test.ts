import { expect, test } from 'vitest'
import { commands } from '../commands/index.ts'

test('no option of any command takes a secret itself: only a file that holds it', () => {
  const options = commands.flatMap((command) => (command.options ?? []).map(([flags]) => flags))
  const secrets = options.filter(
    (flags) => /token|password|passphrase|secret/.test(flags) && flags.includes('<'),
  )
  expect(secrets).toContain('--password-file <file>')
  expect(secrets.filter((flags) => !/-file <file>$/.test(flags))).toEqual([])
})
