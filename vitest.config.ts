import { defineConfig } from 'vitest/config'

const exclude = ['**/node_modules/**', '**/.tradebot*/**', 'prisma/generated/**', 'app/dist/**']
// Tests run in a zone far from UTC, so that whatever depends on the host's zone shows.
const env = { TZ: 'Pacific/Auckland', LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'silent' }

export default defineConfig({
  test: {
    reporters: ['default', './scripts/summary-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...exclude, '**/*.db.test.ts'],
          env,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'db',
          include: ['**/*.db.test.ts'],
          exclude,
          env,
          globalSetup: ['scripts/test-server.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['app/e2e/**/*.e2e.ts', 'scripts/**/*.e2e.ts'],
          exclude,
          env,
          globalSetup: ['scripts/test-server.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
