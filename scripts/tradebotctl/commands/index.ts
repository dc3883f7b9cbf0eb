import type { Command } from '../frame/command.ts'
import { backtest } from './backtest.ts'
import { backup } from './backup.ts'
import { botsCreate } from './bots-create.ts'
import { botsDelete } from './bots-delete.ts'
import { botsList } from './bots-list.ts'
import { botsLogs } from './bots-logs.ts'
import { botsPause } from './bots-pause.ts'
import { botsResume } from './bots-resume.ts'
import { botsShow } from './bots-show.ts'
import { botsStart } from './bots-start.ts'
import { botsStop } from './bots-stop.ts'
import { doctor } from './doctor.ts'
import { halt } from './halt.ts'
import { install } from './install.ts'
import { jobsList } from './jobs-list.ts'
import { jobsRetry } from './jobs-retry.ts'
import { jobsUnlock } from './jobs-unlock.ts'
import { keygen } from './keygen.ts'
import { keysRotate } from './keys-rotate.ts'
import { login } from './login.ts'
import { logout } from './logout.ts'
import { manifest } from './manifest.ts'
import { migrate } from './migrate.ts'
import { orders } from './orders.ts'
import { packageCommand } from './package.ts'
import { reconcile } from './reconcile.ts'
import { repair } from './repair.ts'
import { restore } from './restore.ts'
import { resumeTrading } from './resume-trading.ts'
import { rollback } from './rollback.ts'
import { run } from './run.ts'
import { stop } from './stop.ts'
import { trustAdd } from './trust-add.ts'
import { trustList } from './trust-list.ts'
import { trustRemove } from './trust-remove.ts'
import { update } from './update.ts'
import { usersList } from './users-list.ts'
import { usersResetPassword } from './users-reset-password.ts'
import { verify } from './verify.ts'

/** Every command, in the order in which --help lists them. */
export const commands: readonly Command[] = [
  manifest,
  verify,
  packageCommand,
  keygen,
  trustList,
  trustAdd,
  trustRemove,
  install,
  update,
  rollback,
  repair,
  run,
  stop,
  migrate,
  doctor,
  login,
  logout,
  botsList,
  botsShow,
  botsCreate,
  botsStart,
  botsPause,
  botsResume,
  botsStop,
  botsDelete,
  botsLogs,
  halt,
  resumeTrading,
  orders,
  reconcile,
  jobsList,
  jobsRetry,
  jobsUnlock,
  backtest,
  backup,
  restore,
  keysRotate,
  usersList,
  usersResetPassword,
]
