import { z } from 'zod'
import { defineCommand } from '../frame/command.ts'

const input = z.object({ backups: z.string().optional() })

export const doctorResult = z.strictObject({
  healthy: z.boolean().describe('nothing is bad; then the exit code is 0'),
  bad: z.int().describe('how many checks are'),
  warnings: z.int(),
  unknown: z.int().describe('what could not be looked at'),
  ok: z.int(),
  checks: z.array(
    z.strictObject({
      group: z.string().describe('Machine, TradeBot, Database, Safety, Exchanges, Trading'),
      id: z.string().describe('stable; several checks may have the same, such as one per bot'),
      status: z.enum(['ok', 'warning', 'bad', 'unknown']),
      found: z.string().describe('for people'),
      advice: z.string().nullable().describe('what to do; null when it is ok'),
    }),
  ),
})

export type DoctorInput = z.infer<typeof input>
export type DoctorResult = z.infer<typeof doctorResult>

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Look at everything that must be well, and say what to do where it is not',
  details:
    'Node, disk, settings, database, migrations, master key, server, workers, clocks, exchanges (asked of a worker), backups, bots, orders and keys. ' +
    'Works while TradeBot is stopped or broken, and starts nothing. Exit code 1 when something is bad.',
  options: [['--backups <dir>', 'where your backups are (default: backups in the data dir)']],
  examples: [
    ['tradebotctl doctor', 'a line for each check'],
    ['tradebotctl doctor --backups /mnt/backups --json', 'for monitoring'],
  ],
  needs: 'packages',
  input,
  result: doctorResult,
  load: async () => (await import('../doctor/doctor.ts')).runDoctor,
})
