import { z } from 'zod'
import { defineCommand } from '../frame/command.ts'

const input = z.object({ detach: z.boolean().default(false), systemd: z.boolean().default(false) })

const result = z.strictObject({
  outcome: z
    .enum(['stopped', 'started', 'unit'])
    .describe(
      'stopped: it ran until it was told to stop; started: it runs in the background; unit: --systemd.',
    ),
  url: z.string().nullable().describe('Where this machine reaches the server; null with --systemd.'),
  version: z.string().nullable().describe('The release that runs, or ran last.'),
  pid: z.number().nullable().describe('The process that runs it, with --detach.'),
  unit: z.string().nullable().describe('The text of the systemd unit, with --systemd.'),
})

export type RunInput = z.infer<typeof input>
export type RunResult = z.infer<typeof result>

export const run = defineCommand({
  name: 'run',
  summary: 'Run the installation: server, worker, sandbox and, without DATABASE_URL, PostgreSQL',
  details:
    'Runs the current release until Ctrl-C or SIGTERM, and stops it in order. An update has it change to the new release; SIGHUP restarts what is ' +
    'current. If TradeBot ends by itself, so does this (exit 3), for systemd to start it again. Settings come from .env, and what the shell sets ' +
    'comes before them.',
  options: [
    ['--detach', 'in the background; waits until it is healthy. Its words are in data/logs/runner.log'],
    ['--systemd', 'print a unit that runs it at boot; nothing is started'],
  ],
  examples: [
    ['tradebotctl run', 'in this terminal, until Ctrl-C'],
    ['tradebotctl run --detach', 'in the background; tradebotctl stop ends it'],
    ['tradebotctl run --systemd > /etc/systemd/system/tradebot.service', 'for good'],
  ],
  needs: 'nothing',
  input,
  result,
  load: () => import('../install/run.ts').then((module) => module.runRun),
})
