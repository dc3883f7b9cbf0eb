import type { ServerResponse } from 'node:http'

/** The app has no inline script. Inline style attributes are allowed: the charts' sizes are such. */
const APP_POLICY = policy({
  'default-src': "'self'",
  'img-src': "'self' data:",
  'style-src': "'self' 'unsafe-inline'",
})

/** GraphiQL is one page of inline script and style, with Monaco's workers as blobs. */
const GRAPHIQL_POLICY = policy({
  'default-src': "'self'",
  'script-src': "'self' 'unsafe-inline' 'unsafe-eval' blob:",
  'worker-src': "'self' blob: data:",
  'style-src': "'self' 'unsafe-inline'",
  'font-src': "'self' data:",
  'img-src': "'self' data: blob:",
})

export function setSecurityHeaders(response: ServerResponse, publicUrl: string): void {
  response.setHeader('content-security-policy', APP_POLICY)
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('x-frame-options', 'DENY')
  response.setHeader('referrer-policy', 'same-origin')
  response.setHeader('cross-origin-opener-policy', 'same-origin')
  if (publicUrl.startsWith('https:')) response.setHeader('strict-transport-security', 'max-age=31536000')
}

export function allowGraphiQL(response: ServerResponse): void {
  response.setHeader('content-security-policy', GRAPHIQL_POLICY)
}

function policy(directives: Record<string, string>): string {
  const common = {
    'base-uri': "'none'",
    'form-action': "'self'",
    'frame-ancestors': "'none'",
    'object-src': "'none'",
  }
  return Object.entries({ ...directives, ...common })
    .map(([name, value]) => `${name} ${value}`)
    .join('; ')
}
