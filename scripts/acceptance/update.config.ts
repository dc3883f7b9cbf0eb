import { defineConfig } from 'vitest/config'

// `npm run acceptance:update`: minutes of installing and restarting, so it is no part of `npm test`.
export default defineConfig({
  test: {
    name: 'update',
    include: ['scripts/acceptance/update.campaign.ts'],
    env: { LOG_LEVEL: 'info' },
    testTimeout: 1_200_000,
    hookTimeout: 300_000,
    // Each step goes on from where the one before came to.
    bail: 1,
  },
})
