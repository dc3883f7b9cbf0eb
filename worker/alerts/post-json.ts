import http from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'

export type Answer = { status: number; headers: http.IncomingHttpHeaders; body: string }

/** Of an answer's body no more is read. */
const MOST_BYTES = 4_096

/**
 * One POST of JSON to one of these addresses, under the name of the URL (Host and TLS). Follows no redirect, keeps no connection, and reads the
 * first 4 KB of the answer. Throws what node:http throws, and the signal's reason when it comes first.
 */
export function postJson(
  url: URL,
  body: string,
  {
    addresses,
    headers,
    signal,
  }: { addresses: string[]; headers: Record<string, string>; signal: AbortSignal },
): Promise<Answer> {
  const known = addresses.map((address) => ({ address, family: isIP(address) }))
  const { request } = url.protocol === 'https:' ? https : http
  return new Promise((resolve, reject) => {
    const sending = request(
      url,
      {
        method: 'POST',
        agent: false,
        signal,
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'TradeBot',
          ...headers,
        },
        // Node asks for one address or, to try several in turn, for all.
        lookup: (_host, options, answer) => {
          const first = known[0]
          if (options.all === true) answer(null, known)
          else if (first === undefined) answer(new Error('There is no address to connect to.'), '', 0)
          else answer(null, first.address, first.family)
        },
      },
      (response) => {
        const chunks: Buffer[] = []
        let length = 0
        const finish = () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8').slice(0, MOST_BYTES),
          })
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
          length += chunk.length
          if (length < MOST_BYTES) return
          finish()
          sending.destroy()
        })
        response.on('end', finish)
        response.on('error', reject)
      },
    )
    sending.on('error', reject)
    sending.end(body)
  })
}
