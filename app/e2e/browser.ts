import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import sparticuz, { inflate } from '@sparticuz/chromium'
import { chromium, type Browser } from 'playwright-core'

export type LaunchedBrowser = { browser: Browser; close: () => Promise<void> }

const installedNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
// The app is tested with the browser's own security on, which the package's defaults switch off; and in several
// processes, for the single one dies with its first page.
const unwanted = ['--disable-web-security', '--allow-running-insecure-content', '--single-process']

/** A real Chromium: an installed one, or else the one that @sparticuz/chromium carries. */
export async function launchBrowser(): Promise<LaunchedBrowser> {
  const installed = process.env['TRADEBOT_CHROMIUM'] ?? findInstalled()
  if (installed) {
    const browser = await chromium.launch({ executablePath: installed, args: ['--no-sandbox'] })
    return { browser, close: () => browser.close() }
  }
  // It unpacks to the temporary folder, where another user's copy may lie already: a folder of its own each time.
  const folder = mkdtempSync(path.join(tmpdir(), 'tradebot-chromium-'))
  try {
    const browser = await launchCarried(folder)
    return {
      browser,
      async close() {
        await browser.close()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

async function launchCarried(folder: string): Promise<Browser> {
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = folder
  try {
    const executablePath = await sparticuz.executablePath()
    const args = sparticuz.args.filter((arg) => !unwanted.includes(arg))
    const env = { ...process.env, TMPDIR: folder, FONTCONFIG_FILE: writeFontConfig(folder) }
    try {
      return await chromium.launch({ executablePath, args, env })
    } catch (error) {
      // Most likely the NSS libraries are missing: the package carries them as well.
      const libraries = await inflate(path.join(binFolder(), 'al2023.tar.br')).catch((cause: unknown) => {
        throw new Error(`Chromium did not start: ${String(error)}`, { cause })
      })
      return await chromium.launch({
        executablePath,
        args,
        env: { ...env, LD_LIBRARY_PATH: path.join(libraries, 'lib') },
      })
    }
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
}

/**
 * The package's own font configuration knows only /tmp/fonts, and without any font Chromium dies. With its Open Sans
 * first, a page also looks the same on every machine.
 */
function writeFontConfig(folder: string): string {
  const file = path.join(folder, 'tradebot-fonts.conf')
  const family = (generic: string) =>
    `<alias><family>${generic}</family><prefer><family>Open Sans</family></prefer></alias>`
  writeFileSync(
    file,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>${path.join(folder, 'fonts')}</dir><dir>/usr/share/fonts</dir>
${['system-ui', 'sans-serif', 'serif'].map(family).join('')}
<cachedir>${path.join(folder, 'fonts-cache')}</cachedir></fontconfig>`,
  )
  return file
}

function binFolder(): string {
  const main = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  return path.join(path.dirname(main), '..', 'bin')
}

function findInstalled(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter)
  return folders
    .flatMap((folder) => installedNames.map((name) => path.join(folder, name)))
    .find((file) => existsSync(file))
}
