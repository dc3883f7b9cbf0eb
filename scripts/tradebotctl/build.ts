import { chmodSync } from 'node:fs'
import path from 'node:path'
import { build, type Plugin } from 'vite'

/**
 * Builds scripts/dist/tradebotctl.mjs: one file that runs on plain Node ≥ 20 without node_modules. Folders whose code needs packages are
 * left out of it; their commands are handed to the release (place/delegate.ts), so that nothing of them is ever loaded there.
 */
const here = import.meta.dirname
const out = path.join(here, '..', 'dist')

/** What the bundled program does by itself. */
const inside = ['frame', 'place', 'commands', 'files', 'tree', 'archive', 'install']

const leaveOut: Plugin = {
  name: 'leave-out-what-needs-packages',
  enforce: 'pre',
  resolveDynamicImport(specifier, importer) {
    if (importer === undefined || typeof specifier !== 'string' || !specifier.startsWith('.')) return null
    const target = path.resolve(path.dirname(importer), specifier)
    const folder = path.relative(here, target).split(path.sep)[0] ?? ''
    return inside.includes(folder) ? null : { id: specifier, external: true }
  },
}

await build({
  root: here,
  configFile: false,
  logLevel: 'warn',
  plugins: [leaveOut],
  ssr: { noExternal: true, target: 'node' },
  build: {
    ssr: path.join(here, 'bundle.ts'),
    outDir: out,
    emptyOutDir: true,
    target: 'node20',
    minify: false,
    rollupOptions: {
      output: {
        entryFileNames: 'tradebotctl.mjs',
        format: 'es',
        codeSplitting: false,
        banner: '#!/usr/bin/env node',
      },
    },
  },
})
chmodSync(path.join(out, 'tradebotctl.mjs'), 0o755)
