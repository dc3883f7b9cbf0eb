import { makeInstallation } from '#scripts/started-process.ts'

export type System = {
  url: string
  sandboxUrl: string
  /** Ends the server alone, as a crash would; the supervisor starts it again. */
  killServer: () => void
  stop: () => Promise<void>
}

/** All of TradeBot, as `npm start` runs it, with a data dir and ports of its own, and the sandbox as its only exchange. */
export async function startSystem(): Promise<System> {
  const installation = await makeInstallation()
  const started = installation.start('direct', {
    TRADEBOT_EXCHANGES: 'sandbox',
    TRADEBOT_SIGNUP: 'open',
    LOG_LEVEL: 'warn',
  })
  try {
    await started.ready()
  } catch (error) {
    await installation.remove()
    throw error
  }
  return {
    url: installation.url,
    sandboxUrl: `http://127.0.0.1:${installation.env['SANDBOX_PORT']}`,
    killServer() {
      const server = installation.run().children['server']
      if (!server) throw new Error('No server is running.')
      process.kill(server.pid, 'SIGKILL')
    },
    async stop() {
      const exited = started.exit()
      process.kill(started.pid, 'SIGTERM')
      await exited
      await installation.remove()
    },
  }
}
