import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answerStaticFile } from './static-files.ts'

let folder: string
let server: Server
let origin: string

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tradebot-dist-'))
  writeFileSync(path.join(folder, 'secret.txt'), 'secret')
  mkdirSync(path.join(folder, 'dist', 'assets'), { recursive: true })
  writeFileSync(path.join(folder, 'dist', 'index.html'), '<html>the app</html>')
  writeFileSync(path.join(folder, 'dist', 'assets', 'main-abc.js'), 'app()')
  server = createServer((request, response) => {
    void answerStaticFile(
      path.join(folder, request.headers.host === 'empty' ? 'none' : 'dist'),
      request.url ?? '/',
      request,
      response,
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  origin = typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : ''
})
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true })
})

test('files have their type; hashed ones may be kept for ever, the page is asked for each time', async () => {
  const script = await fetch(`${origin}/assets/main-abc.js`)
  expect(await script.text()).toBe('app()')
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  expect(script.headers.get('cache-control')).toContain('immutable')
  const page = await fetch(`${origin}/`)
  expect(page.headers.get('cache-control')).toBe('no-cache')
  const again = await fetch(`${origin}/`, { headers: { 'if-none-match': page.headers.get('etag') ?? '' } })
  expect(again.status).toBe(304)
})

test('an address of the app is its page; a file that is not there is 404', async () => {
  expect(await (await fetch(`${origin}/bots/12`)).text()).toBe('<html>the app</html>')
  expect((await fetch(`${origin}/assets/old-hash.js`)).status).toBe(404)
  expect((await fetch(`${origin}/robots.txt`)).status).toBe(404)
})

test('nothing outside the folder is served', async () => {
  // fetch would tidy the address up.
  for (const address of [
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/%',
  ]) {
    const answer = await raw(`GET ${address} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
    expect(answer).not.toContain('\r\nsecret')
    expect(answer).toMatch(/^HTTP\/1.1 404/)
  }
})

test('an app that is not built says how to build it', async () => {
  const answer = await raw('GET / HTTP/1.1\r\nhost: empty\r\nconnection: close\r\n\r\n')
  expect(answer).toMatch(/^HTTP\/1.1 503/)
  expect(answer).toContain('npm run build')
})

function raw(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(Number(new URL(origin).port), '127.0.0.1', () => socket.write(request))
    socket.on('data', (data) => (answer += String(data)))
    socket.on('end', () => resolve(answer))
    socket.on('error', reject)
  })
}
