import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>TradeBot</title>
<h1>The web app is not built</h1><p>Run <code>npm run build</code>, or use <code>npm start</code>, which builds it. The API is at <a href="/graphql">/graphql</a>.</p>
`

/** A file of the built app; any other address that a browser asks for is a page of the app. */
export async function answerStaticFile(
  folder: string,
  urlPath: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const wanted = fileFor(folder, urlPath)
  const file = wanted === null ? null : await sizeOf(wanted)
  if (wanted !== null && file !== null)
    return send(wanted, file, urlPath.startsWith('/assets/'), request, response)
  const isPage = wanted !== null && path.extname(urlPath) === '' && !urlPath.startsWith('/assets/')
  if (!isPage) return text(response, 404, 'text/plain; charset=utf-8', 'There is nothing here.\n')
  const index = path.join(folder, 'index.html')
  const page = await sizeOf(index)
  if (page === null) return text(response, 503, 'text/html; charset=utf-8', NOT_BUILT)
  return send(index, page, false, request, response)
}

/** Null for an address that is malformed or leads out of the folder. */
function fileFor(folder: string, urlPath: string): string | null {
  let decoded: string
  try {
    decoded = decodeURIComponent(urlPath)
  } catch {
    return null // Not an address at all.
  }
  const file = path.join(folder, decoded)
  const inside = file === folder || file.startsWith(folder + path.sep)
  return inside && !decoded.includes('\0') ? file : null
}

async function sizeOf(file: string): Promise<{ size: number; modified: number } | null> {
  try {
    const found = await stat(file)
    return found.isFile() ? { size: found.size, modified: found.mtimeMs } : null
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return null
    throw error
  }
}

async function send(
  file: string,
  { size, modified }: { size: number; modified: number },
  hashed: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const etag = `"${size.toString(36)}-${Math.trunc(modified).toString(36)}"`
  response.setHeader('etag', etag)
  // Vite puts a hash of the content into the names under /assets; everything else is asked for again each time.
  response.setHeader('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end()
    return
  }
  const type = TYPES[path.extname(file).toLowerCase()] ?? 'application/octet-stream'
  response.writeHead(200, { 'content-type': type, 'content-length': size })
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  try {
    await pipeline(createReadStream(file), response)
  } catch (error) {
    // The browser went away in the middle: nobody is left to tell.
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'))
      throw error
  }
}

function text(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
  response.end(body)
}
