import { defineConfig } from 'vite'
import solid from 'vite-plugin-solid'

// `npm run dev` serves the app from Vite; what is the server's own goes to the server.
const server = process.env['TRADEBOT_DEV_SERVER'] ?? 'http://127.0.0.1:4000'
// The server checks Origin: a proxied request must look as if it came from the server's own page.
const proxied = (target: string) => ({ target, ws: true, headers: { origin: new URL(target).origin } })

export default defineConfig({
  plugins: [solid()],
  build: { target: 'es2022', sourcemap: false, assetsInlineLimit: 0 },
  server: {
    host: '127.0.0.1',
    proxy: { '/graphql': proxied(server), '/healthz': proxied(server), '/export': proxied(server) },
  },
})
