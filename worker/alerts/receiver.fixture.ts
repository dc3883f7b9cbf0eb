import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'

export type Received = { method: string; path: string; headers: IncomingHttpHeaders; body: string }

/** How a request is answered; `hang`: not at all. */
export type Reply = { status: number; headers?: Record<string, string>; body?: string } | 'hang' | 'break'

/** The other end of a webhook, or Telegram: a real HTTP server on this machine that answers as it is told, and remembers what came. */
export async function startReceiver(reply: (request: Received) => Reply = () => ({ status: 204 })) {
  const received: Received[] = []
  const hanging = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request
      const one = { method, path, headers, body: Buffer.concat(chunks).toString('utf8') }
      received.push(one)
      const answer = reply(one)
      if (answer === 'hang') hanging.add(response)
      else if (answer === 'break') request.socket.destroy()
      else response.writeHead(answer.status, answer.headers).end(answer.body)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    received,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
