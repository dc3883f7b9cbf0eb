import path from 'node:path'
import type { RunInput, RunResult } from '../commands/run.ts'
import type { StopResult } from '../commands/stop.ts'
import type { Context } from '../frame/context.ts'
import { LAYOUT, PROGRAM } from '../place/layout.ts'
import { waitHealthy } from './health.ts'
import { refuseIfRunning, runInForeground } from './runner.ts'
import { serviceState, startService, stopService } from './service.ts'
import { installationHere } from './work.ts'

type Done<Result> = { exitCode: 0; result: Result; text: string }

/** A first start makes the database; any start waits for the packages to be read from a cold disk. */
const healthyWithinMs = 120_000

export async function runRun({ detach, systemd }: RunInput, context: Context): Promise<Done<RunResult>> {
  const installation = installationHere(context, 'run')
  const nothing = { url: null, version: null, pid: null, unit: null }
  if (systemd) {
    const unit = unitFor(installation.root)
    return { exitCode: 0, result: { ...nothing, outcome: 'unit', unit }, text: unit }
  }
  if (!detach) {
    const { url, version } = await runInForeground(installation, context)
    return { exitCode: 0, result: { ...nothing, outcome: 'stopped', url, version }, text: '' }
  }
  refuseIfRunning(installation)
  await startService(installation)
  context.note('Starting TradeBot …')
  try {
    const { url, version } = await waitHealthy(installation, undefined, {
      timeoutMs: healthyWithinMs,
      signal: context.signal,
    })
    const state = serviceState(installation)
    const pid = state.by === 'nobody' ? null : state.process.pid
    return {
      exitCode: 0,
      result: { ...nothing, outcome: 'started', url, version, pid },
      text: `TradeBot ${version} runs at ${url} (process ${pid}).`,
    }
  } catch (error) {
    await stopService(installation)
    throw error
  }
}

export async function runStop(_: object, context: Context): Promise<Done<StopResult>> {
  const installation = installationHere(context, 'stop')
  const state = serviceState(installation)
  const pid = state.by === 'nobody' ? null : state.process.pid
  if (pid !== null) context.note('Stopping …')
  const stopped = await stopService(installation)
  return { exitCode: 0, result: { stopped, pid }, text: stopped ? 'Stopped.' : 'TradeBot does not run.' }
}

function unitFor(root: string): string {
  const program = path.join(root, LAYOUT.bin, PROGRAM.link)
  return `[Unit]
Description=TradeBot
After=network-online.target
Wants=network-online.target

[Service]
# Whoever owns ${root}.
User=tradebot
ExecStart=${program} run --root ${root}
ExecReload=/bin/kill -HUP $MAINPID
WorkingDirectory=${root}
Restart=on-failure
RestartSec=5
# Only the runner is told to stop; it ends the others in order.
KillMode=mixed
TimeoutStopSec=60

[Install]
WantedBy=multi-user.target`
}
