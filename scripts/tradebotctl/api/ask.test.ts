import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { tradebotctl } from '../testing/run.ts'

/** What `bots list` says of a server that answers every request with this. */
async function toldOf(status: number, body: string) {
  const server = createServer((_request, response) => response.writeHead(status).end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = z.object({ port: z.number() }).parse(server.address())
  const env = { TRADEBOT_URL: `http://127.0.0.1:${port}`, TRADEBOT_TOKEN: 'tb_some' }
  const ran = await tradebotctl(['bots', 'list', '--json'], { env })
  server.close()
  return ran.json()
}

test(
  'a server that is up without its database is in trouble, and no stranger',
  { timeout: 60_000 },
  async () => {
    const { exitCode, error } = await toldOf(500, '')
    expect([exitCode, error?.code]).toEqual([3, 'SERVER_ERROR'])
    expect(error?.message).toMatch(
      /^The server at http:\/\/127\.0\.0\.1:\d+ is up, but has trouble: HTTP 500\.$/,
    )
    expect(error?.hint).toContain('tradebotctl doctor')
  },
)

test('what is no TradeBot is told in our own words', { timeout: 60_000 }, async () => {
  const cannot = { message: 'Cannot query field "bots".', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }
  const [page, other, version] = await Promise.all([
    toldOf(200, '<html>'),
    toldOf(200, '{"status":"ok"}'),
    toldOf(400, JSON.stringify({ errors: [cannot] })),
  ])
  expect(page.error).toMatchObject({ code: 'SERVER_FOREIGN' })
  expect(other.error?.message).toMatch(
    / is not TradeBot's API: its answer lacks what this program asks for\.$/,
  )
  expect(version.error).toMatchObject({ code: 'SERVER_VERSION' })
  expect(version.error?.message).toMatch(/: it is of another version, or no TradeBot\.$/)
})
