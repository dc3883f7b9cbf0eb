import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Core } from './core.ts'

export type FakeRequest = {
  method: string
  path: string
  /** What stands after "?", as it came. */
  query: string
  headers: IncomingMessage['headers']
  body: string
}

/** `body`: text as it is, anything else as JSON. */
export type FakeAnswer = { status?: number; headers?: Record<string, string>; body: unknown }

/**
 * DROP: it is done, and the connection breaks instead of an answer. HANG: it is done, and nothing is ever answered. FAIL_BEFORE, FAIL_AFTER: a
 * server error, without or with having done it. BUSY, CLOCK: refused in the venue's own words. ODD: as told to `answers`.
 */
export type FakeFault = 'DROP' | 'HANG' | 'FAIL_BEFORE' | 'FAIL_AFTER' | 'BUSY' | 'CLOCK'

/** How a venue speaks. `handle` does what is asked of the core, keys and signature checked, and answers in the venue's real shapes. */
export type Dialect = {
  handle(request: FakeRequest, core: Core): FakeAnswer
  refusal(fault: 'BUSY' | 'CLOCK'): FakeAnswer
}

/** A local HTTP server that stands for a venue. An endpoint is "POST /v5/order/create". */
export type FakeVenue = {
  url: string
  readonly core: Core
  /** Forgets everything, and goes on with another engine. */
  begin(dialect: Dialect, core: Core): void
  /** The next `count` requests of an endpoint go wrong. */
  fault(endpoint: string, fault: FakeFault, count?: number): void
  /** The next requests of an endpoint are answered so, and nothing is done. */
  answers(endpoint: string, ...answers: FakeAnswer[]): void
  asked(endpoint: string): FakeRequest[]
  close(): Promise<void>
}

export async function startFakeVenue(firstDialect: Dialect, firstCore: Core): Promise<FakeVenue> {
  let dialect = firstDialect
  let core = firstCore
  const faults = new Map<string, FakeFault[]>()
  const scripted = new Map<string, FakeAnswer[]>()
  const requests = new Map<string, FakeRequest[]>()

  function answer(request: FakeRequest): FakeAnswer | 'DROP' | 'HANG' {
    const endpoint = `${request.method} ${request.path}`
    requests.set(endpoint, [...(requests.get(endpoint) ?? []), request])
    const next = scripted.get(endpoint)?.shift()
    if (next !== undefined) return next
    const fault = faults.get(endpoint)?.shift()
    if (fault === 'BUSY' || fault === 'CLOCK') return dialect.refusal(fault)
    const failed = { status: 503, body: 'upstream connect error' }
    if (fault === 'FAIL_BEFORE') return failed
    const done = dialect.handle(request, core)
    return fault === 'FAIL_AFTER' ? failed : (fault ?? done)
  }

  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const [path = '', query = ''] = (incoming.url ?? '').split('?')
      const { method = '', headers } = incoming
      const request = { method, path, query, headers, body: Buffer.concat(chunks).toString('utf8') }
      try {
        reply(answer(request), incoming, response)
      } catch (error) {
        // A fault of the fake itself: the test that asked must not take it for the venue's.
        reply({ status: 599, body: `the fake venue broke: ${String(error)}` }, incoming, response)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    get core() {
      return core
    },
    begin(nextDialect, nextCore) {
      dialect = nextDialect
      core = nextCore
      for (const one of [faults, scripted, requests]) one.clear()
    },
    fault: (endpoint, fault, count = 1) =>
      void faults.set(endpoint, [
        ...(faults.get(endpoint) ?? []),
        ...Array.from({ length: count }, () => fault),
      ]),
    answers: (endpoint, ...given) =>
      void scripted.set(endpoint, [...(scripted.get(endpoint) ?? []), ...given]),
    asked: (endpoint) => requests.get(endpoint) ?? [],
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function reply(
  answer: FakeAnswer | 'DROP' | 'HANG',
  incoming: IncomingMessage,
  response: ServerResponse,
): void {
  if (answer === 'HANG') return
  if (answer === 'DROP') return void incoming.socket.destroy()
  const { status = 200, headers = {}, body } = answer
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}
