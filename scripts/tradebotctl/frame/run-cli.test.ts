import { expect, test } from 'vitest'
import { commands } from '../commands/index.ts'
import { BUNDLED, tradebotctl } from '../testing/run.ts'

test('no command is a usage error that shows all commands', async () => {
  const ran = await tradebotctl([])
  expect(ran).toMatchObject({ code: 2, stdout: '' })
  for (const { name } of commands) expect(ran.stderr).toContain(` ${name.split(' ')[0]} `)
})

test('an unknown command names the nearest one and shows the list', async () => {
  const ran = await tradebotctl(['verfy'])
  expect(ran).toMatchObject({ code: 2, stdout: '' })
  expect(ran.stderr).toMatch(/^unknown command 'verfy'\n\(Did you mean verify\?\)\n\nUsage: tradebotctl/)
})

test('below a word that only holds commands, too', async () => {
  const ran = await tradebotctl(['keys', 'rotat'])
  expect(ran.code).toBe(2)
  expect(ran.stderr).toMatch(/Did you mean rotate\?\)\n\nUsage: tradebotctl keys/)
  expect((await tradebotctl(['keys'])).stderr).toMatch(/^Usage: tradebotctl keys/)
})

test('with --json a wrong command line is a document too', async () => {
  for (const line of [['verfy', '--json'], ['--json'], ['verify', '--json', '--nonsense']]) {
    const ran = await tradebotctl(line)
    expect(ran).toMatchObject({ code: 2, stderr: '' })
    expect(ran.json()).toMatchObject({ exitCode: 2, result: null, error: { code: 'USAGE' } })
  }
})

test('an unknown option says where the help of its command is', async () => {
  const ran = await tradebotctl(['keys', 'rotate', '--nonsense'])
  expect(ran).toMatchObject({ code: 2, stdout: '' })
  expect(ran.stderr).toBe("unknown option '--nonsense'\n\ntradebotctl keys rotate --help says more.\n")
})

test.each(commands.map((command) => [command.name, command] as const))(
  '%s --help tells summary, options and examples',
  async (name, command) => {
    const ran = await tradebotctl([...name.split(' '), '--help'], { program: BUNDLED })
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    const words = ran.stdout.replace(/\s+/g, ' ')
    expect(words).toContain(command.summary.replace(/\s+/g, ' '))
    for (const [flags] of command.options ?? []) expect(words).toContain(flags)
    expect(command.examples.length).toBeGreaterThan(0)
    for (const [line] of command.examples) expect(words).toContain(line.replace(/\s+/g, ' '))
  },
)

test('the bundled program knows the same commands', async () => {
  const [sources, bundled] = [
    await tradebotctl(['--help']),
    await tradebotctl(['--help'], { program: BUNDLED }),
  ]
  expect(bundled).toMatchObject({ code: 0, stdout: sources.stdout })
})

test('a folder that is no place is told as such', async () => {
  const ran = await tradebotctl(['verify', '--root', '/'])
  expect(ran.code).toBe(3)
  expect(ran.stderr).toContain('--root / is neither a clone of TradeBot nor an installation.')
})
