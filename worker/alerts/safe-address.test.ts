import { expect, test } from 'vitest'
import { checkedAddresses, ForbiddenAddressError, isPrivate } from './safe-address.ts'

test.each([
  '127.0.0.1',
  '127.9.9.9',
  '0.0.0.0',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '198.18.0.1',
  '::',
  '::1',
  'fe80::1',
  'fe80::1%eth0',
  'fc00::1',
  'fd12::1',
  'ff02::1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2001::1',
  '2001:db8::1',
  'not an address',
  '',
])('%s is not public', (address) => {
  expect(isPrivate(address)).toBe(true)
})

test.each([
  '1.1.1.1',
  '8.8.8.8',
  '172.15.0.1',
  '172.32.0.1',
  '192.169.0.1',
  '100.128.0.1',
  '2606:4700::1111',
  '2a00:1450::8',
])('%s is public', (address) => {
  expect(isPrivate(address)).toBe(false)
})

const check = (url: string, answers: string[] = [], allowPrivate = false) =>
  checkedAddresses(new URL(url), { allowPrivate, resolve: async () => answers })

test('a name is judged by every address that it stands for', async () => {
  expect(await check('https://hooks.example/x', ['1.1.1.1', '2606:4700::1111'])).toEqual([
    '1.1.1.1',
    '2606:4700::1111',
  ])
  await expect(check('https://hooks.example/x', ['1.1.1.1', '10.0.0.1'])).rejects.toThrow(
    ForbiddenAddressError,
  )
  await expect(check('https://hooks.example/x', [])).rejects.toThrow('has no address')
  expect(await check('https://hooks.example/x', ['10.0.0.1'], true)).toEqual(['10.0.0.1'])
})

test.each([
  'http://127.0.0.1/',
  'http://[::1]:80/',
  'http://2130706433/',
  'http://0x7f.1/',
  'http://0177.0.0.1/',
  'http://[::ffff:7f00:1]/',
])('%s is refused however it is written, and no name is asked for', async (url) => {
  const resolve = () => Promise.reject(new Error('asked'))
  await expect(checkedAddresses(new URL(url), { allowPrivate: false, resolve })).rejects.toThrow(
    ForbiddenAddressError,
  )
})

test('other schemes are not spoken', async () => {
  await expect(check('ftp://example.com/', ['1.1.1.1'])).rejects.toThrow('Only http and https')
})
