import { backtest } from './backtest.ts'
import { backup } from './backup.ts'
import type { Command } from '../frame/command.ts'
import { keysRotate } from './keys-rotate.ts'

/** Every command, in the order in which --help lists them. */
export const commands: readonly Command[] = [backtest, backup, keysRotate]
