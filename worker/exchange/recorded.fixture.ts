import { createServer } from 'node:http'

/**
 * A venue that says what it is told to, word for word: recorded answers of Binance, and odd ones made of them. `$CLIENT_ID`, `$MARKET` and
 * `$NOW` stand for what was asked and the time of it.
 */
export type Recorded = {
  url: string
  /** The next answers of an endpoint ("POST /api/v3/order"), the last one for ever. */
  answer(endpoint: string, ...answers: RecordedAnswer[]): void
  /** Parameters of each request of an endpoint so far. */
  asked(endpoint: string): URLSearchParams[]
  close(): Promise<void>
}

/** A string is a body with status 200. `cut`: the connection breaks in the middle of the body. */
export type RecordedAnswer =
  string | { status?: number; headers?: Record<string, string>; body?: string; cut?: boolean }

export async function startRecorded(
  always: Record<string, RecordedAnswer | ((asked: URLSearchParams) => RecordedAnswer)>,
): Promise<Recorded> {
  const answers = new Map<string, RecordedAnswer[]>()
  const requests = new Map<string, URLSearchParams[]>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const [path = '', query = ''] = (request.url ?? '').split('?')
      const endpoint = `${request.method ?? ''} ${path}`
      const asked = new URLSearchParams(query || Buffer.concat(chunks).toString('utf8'))
      requests.set(endpoint, [...(requests.get(endpoint) ?? []), asked])
      const queue = answers.get(endpoint)
      const next = queue !== undefined && queue.length > 1 ? queue.shift() : queue?.[0]
      const usual = always[endpoint] ?? { status: 404, body: '' }
      const found = next ?? (typeof usual === 'function' ? usual(asked) : usual)
      const { status = 200, headers = {}, body = '', cut = false } = asAnswer(found)
      const text = body
        .replaceAll(
          '$CLIENT_ID',
          CLIENT_IDS.map((name) => asked.get(name)).find((id) => id !== null) ?? 'none',
        )
        .replaceAll('$MARKET', asked.get('symbol') ?? 'BTCUSDT')
        .replaceAll('$NOW', String(Date.now()))
      response.writeHead(status, {
        'content-type': 'application/json;charset=UTF-8',
        ...headers,
        'content-length': Buffer.byteLength(text) + (cut ? 10 : 0),
      })
      response.write(text, () => {
        if (cut) request.socket.destroy()
        else response.end()
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    answer: (endpoint, ...given) => void answers.set(endpoint, given),
    asked: (endpoint) => requests.get(endpoint) ?? [],
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Where a request names it. */
const CLIENT_IDS = ['newClientOrderId', 'origClientOrderId', 'clientAlgoId']

function asAnswer(answer: RecordedAnswer) {
  return typeof answer === 'string' ? { body: answer } : answer
}
