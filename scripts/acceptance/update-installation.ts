import { chmodSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { z } from 'zod'
import { freePort } from '../free-port.ts'
import { clone, runProgram, type Ran } from './update-tree.ts'

const documentSchema = z.looseObject({
  result: z.looseObject({}).nullable(),
  error: z.looseObject({ code: z.string(), message: z.string(), hint: z.string().nullable() }).nullable(),
})

/** An installation in a temporary folder, known by its program and by what any client sees of it. */
export type TestInstallation = Awaited<ReturnType<typeof prepareInstallation>>

export async function prepareInstallation() {
  const folder = mkdtempSync(path.join(tmpdir(), 'tradebot-update-'))
  // PostgreSQL of root's runs as another user, and stays inside when that one can come in.
  chmodSync(folder, 0o755)
  const root = path.join(folder, 'installation')
  const [port, sandboxPort] = [await freePort(), await freePort()]
  const url = `http://127.0.0.1:${port}`

  /** A command of the machine's own Node, as people have it: no clone's node_modules in the way. */
  async function command(
    program: string,
    args: string[],
    label?: string,
  ): Promise<Ran & { document: Answered }> {
    const ran = await runProgram('node', [program, ...args, '--json'], {
      cwd: folder,
      env: environment(),
      ...(label === undefined ? {} : { label }),
    })
    return { ...ran, document: documentSchema.parse(JSON.parse(ran.out)) }
  }

  return {
    folder,
    root,
    url,
    sandboxUrl: `http://127.0.0.1:${sandboxPort}`,
    command,
    tradebotctl: (...args: string[]) => command(path.join(root, 'bin', 'tradebotctl'), args, args[0]),
    writeSettings: () =>
      writeFileSync(
        path.join(root, '.env'),
        `PORT=${port}\nSANDBOX_PORT=${sandboxPort}\nTRADEBOT_SIGNUP=open\nTRADEBOT_EXCHANGES=sandbox\n`,
        { mode: 0o600 },
      ),
    current: () => path.basename(readlinkSync(path.join(root, 'current'))),
    log(part: string): string {
      return readFileSync(path.join(root, 'data', 'logs', `${part}.log`), 'utf8')
    },
    async sql(text: string): Promise<Record<string, unknown>[]> {
      const run = JSON.parse(readFileSync(path.join(root, 'data', 'run.json'), 'utf8'))
      const client = new pg.Client({ connectionString: z.string().parse(run.databaseUrl) })
      await client.connect()
      const { rows } = await client.query(text)
      await client.end()
      return rows
    },
    async remove(): Promise<void> {
      await command(path.join(clone, 'scripts', 'dist', 'tradebotctl.mjs'), ['stop', '--root', root]).catch(
        () => undefined,
      )
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

type Answered = z.infer<typeof documentSchema>

function environment(): NodeJS.ProcessEnv {
  const names = /^(?:TRADEBOT_|SANDBOX_|DATABASE_URL|PORT$|HOST$|NODE_|VITEST|npm_|LOG_LEVEL)/
  const kept = Object.entries(process.env).filter(([name]) => !names.test(name))
  const folders = (process.env['PATH'] ?? '').split(path.delimiter)
  const PATH = folders.filter((each) => !each.includes('node_modules')).join(path.delimiter)
  return { ...Object.fromEntries(kept), PATH }
}
