import { createServer } from 'node:net'

/** Undefined when a server could listen there; otherwise one sentence that says why not and which variable decides. */
export function whyPortIsTaken(
  host: string,
  port: number,
  variable: 'PORT' | 'SANDBOX_PORT',
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error) => {
      const code = 'code' in error ? error.code : undefined
      if (code === 'EADDRINUSE')
        resolve(`Port ${port} is in use by another program: stop it, or set ${variable} to another port.`)
      else if (code === 'EACCES')
        resolve(`Port ${port} may not be used by this user: set ${variable} to one above 1023.`)
      else if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
        resolve(`HOST is ${host}, which is no address of this machine.`)
      else resolve(`Nothing can listen on ${host}:${port} (${variable}): ${error.message}.`)
    })
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(undefined)))
  })
}
