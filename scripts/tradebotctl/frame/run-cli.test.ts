import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { commands } from '../commands/index.ts'
import { until } from '../../started-process.ts'
import { BUNDLED, tradebotctl } from '../testing/run.ts'

test('no command is a usage error that shows all commands', async () => {
  const ran = await tradebotctl([])
  expect(ran).toMatchObject({ code: 2, stdout: '' })
  for (const { name } of commands) expect(ran.stderr).toContain(` ${name.split(' ')[0]} `)
})

test('an unknown command names the nearest one and shows the list', async () => {
  const ran = await tradebotctl(['verfy'])
  expect(ran).toMatchObject({ code: 2, stdout: '' })
  expect(ran.stderr).toMatch(/^unknown command 'verfy'\nDid you mean verify\?\n\nUsage: tradebotctl/)
})

test('below a word that only holds commands, too', async () => {
  const ran = await tradebotctl(['keys', 'rotat'])
  expect(ran.code).toBe(2)
  expect(ran.stderr).toMatch(/Did you mean rotate\?\n\nUsage: tradebotctl keys/)
  expect((await tradebotctl(['keys'])).stderr).toMatch(/^Usage: tradebotctl keys/)
})

test('with --json a wrong command line is a document too', async () => {
  for (const line of [['verfy', '--json'], ['--json'], ['verify', '--json', '--nonsense']]) {
    const ran = await tradebotctl(line)
    expect(ran).toMatchObject({ code: 2, stderr: '' })
    expect(ran.json()).toMatchObject({ exitCode: 2, result: null, error: { code: 'USAGE' } })
  }
})

test('the document of a wrong command line names the command, and what was meant', async () => {
  const wrong = await tradebotctl(['keys', 'rotate', '--nonsense', '--json'])
  expect(wrong.json()).toMatchObject({
    command: 'keys rotate',
    error: { hint: 'tradebotctl keys rotate --help says more.' },
  })
  const unknown = await tradebotctl(['bots', 'lst', '--json'])
  expect(unknown.json()).toMatchObject({
    command: 'bots',
    error: { message: "unknown command 'lst'", hint: 'Did you mean list?' },
  })
})

test('Ctrl-C before anything has begun is 130 and a document too', async () => {
  const program = path.join(import.meta.dirname, '..', '..', 'tradebotctl.mjs')
  const child = spawn(process.execPath, [program, 'manifest', '--out', '-', '--json'], { stdio: 'pipe' })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  const ended = once(child, 'close')
  await until(() => hasChild(child.pid), 10_000)
  child.kill('SIGINT')
  expect(await ended).toEqual([130, null])
  expect(JSON.parse(out)).toMatchObject({ exitCode: 130, error: { code: 'INTERRUPTED' } })
})

test('what cannot be written is 3, and a reader that has left is none of our business', async () => {
  const line = (target: string) =>
    once(
      spawn('sh', ['-c', `"$1" "$2" manifest --out - ${target}`, 'sh', process.execPath, BUNDLED]),
      'close',
    )
  expect(await line('> /dev/full')).toEqual([3, null])
  expect(await line('--json > /dev/full')).toEqual([3, null])
  expect(await line('| head -c 1 > /dev/null')).toEqual([0, null])
})

test('an unknown option says where the help of its command is', async () => {
  const ran = await tradebotctl(['keys', 'rotate', '--nonsense'])
  expect(ran).toMatchObject({ code: 2, stdout: '' })
  expect(ran.stderr).toBe("unknown option '--nonsense'\ntradebotctl keys rotate --help says more.\n")
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

/** Whether the launcher has started the program. Where there is no /proc to tell, it has after a while. */
function hasChild(pid: number | undefined): boolean {
  if (process.platform !== 'linux') return true
  return readdirSync('/proc').some((name) => /^\d+$/.test(name) && parentOf(name) === pid)
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return undefined // It has ended meanwhile.
  }
}

test.each([
  [['bots', 'start'], 'Name at least one bot, or say --all.'],
  [['bots', 'stop', 'a', '--close', '--keep'], '--close or --keep, not both.'],
  [['bots', 'create', '--file', 'x', '--template'], '--template only prints'],
  [['keys', 'rotate', '--new-key-file', 'a', '--generate-to', 'b'], 'exclude each other'],
  [['backup', '--out', 'a', '--under-master-key', '--passphrase-file', 'b'], 'exclude each other'],
  [['package', '--passphrase-file', 'a'], '--sign'],
  [['package', '--out='], '--out: must not be empty'],
])('%j is told to be wrong before anything is looked for', async (args, sentence) => {
  const ran = await tradebotctl(args)
  expect([ran.code, ran.stdout]).toEqual([2, ''])
  expect(ran.stderr).toContain(sentence)
})
