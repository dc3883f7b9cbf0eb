import { defineConfig } from 'prisma/config'

// For `prisma generate` alone. Migrations are applied by prisma/migrate.ts, which needs no downloaded engine.
export default defineConfig({ schema: 'prisma/schema.prisma', migrations: { path: 'prisma/migrations' } })
