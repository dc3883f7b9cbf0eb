import { expect, test } from 'vitest'
import { isLoopbackHost, originAllowed } from './origins.ts'

const local = {
  host: '127.0.0.1',
  port: 4000,
  publicUrl: 'http://127.0.0.1:4000',
  origins: ['https://app.example'],
}
const open = { ...local, host: '0.0.0.0' }

test.each([
  ['the public address', 'http://127.0.0.1:4000', '127.0.0.1:4000', local, true],
  ['a listed origin', 'https://app.example', '127.0.0.1:4000', local, true],
  ['the same page under another loopback name', 'http://localhost:4000', 'localhost:4000', local, true],
  [
    'one loopback name, and the request went by another',
    'http://localhost:4000',
    '127.0.0.1:4000',
    local,
    true,
  ],
  ['another port of this machine', 'http://localhost:5173', 'localhost:4000', local, false],
  ['a name that was pointed at 127.0.0.1', 'http://evil.example:4000', 'evil.example:4000', local, false],
  ['another site', 'https://evil.example', '127.0.0.1:4000', local, false],
  ['a sandboxed frame', 'null', '127.0.0.1:4000', local, false],
  ['the address that a phone in the house uses', 'http://192.168.1.5:4000', '192.168.1.5:4000', open, true],
  ['another site, where everybody can reach us', 'https://evil.example', '192.168.1.5:4000', open, false],
])('%s', (_name, origin, host, rules, allowed) => {
  expect(originAllowed(origin, host, rules)).toBe(allowed)
})

test('loopback is this machine alone', () => {
  expect(['127.0.0.1', '127.9.9.9', 'localhost', '::1', '[::1]'].every(isLoopbackHost)).toBe(true)
  expect(
    ['0.0.0.0', '::', '192.168.1.5', '127.evil.example', 'localhost.evil.example'].some(isLoopbackHost),
  ).toBe(false)
})
