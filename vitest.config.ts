import path from 'node:path'
import { defineConfig } from 'vitest/config'

const exclude = ['**/node_modules/**', '**/.tradebot*/**', 'prisma/generated/**', 'app/dist/**']
// Tests run in a zone far from UTC, so that whatever depends on the host's zone shows.
const env = { TZ: 'Pacific/Auckland', LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'silent' }

// Vite would load graphql's ES module for our code while Pothos and Yoga load the other one: two copies, which breaks instanceof.
const resolve = {
  alias: [
    { find: /^graphql$/, replacement: path.join(import.meta.dirname, 'node_modules/graphql/index.js') },
  ],
}

export default defineConfig({
  test: {
    reporters: ['default', './scripts/summary-reporter.ts'],
    projects: [
      {
        resolve,
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...exclude, '**/*.db.test.ts'],
          env,
          // Not a measure: a machine that is busy with the others takes its time.
          testTimeout: 30_000,
          // More than cores: many of them wait for answers that are late on purpose.
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        resolve,
        test: {
          name: 'db',
          include: ['**/*.db.test.ts'],
          exclude,
          env,
          globalSetup: ['scripts/test-server.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          // More than cores here too: they wait for PostgreSQL, and for processes that they start.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve,
        test: {
          name: 'e2e',
          include: ['app/e2e/**/*.e2e.ts', 'scripts/**/*.e2e.ts'],
          exclude,
          env,
          globalSetup: ['scripts/test-server.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          // Each file has a system of its own, and mostly waits for candles.
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
