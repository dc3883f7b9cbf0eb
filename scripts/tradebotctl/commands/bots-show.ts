import { z } from 'zod'
import { apiInput, apiOptions, directInput, directOptions } from '../api/options.ts'
import { showResult } from '../bots/shapes.ts'
import { defineCommand } from '../frame/command.ts'

export const botsShow = defineCommand({
  name: 'bots show',
  summary: 'Show a bot: state, position, configuration, why it does not trade, last orders and events',
  arguments: [['<bot>', 'its number, or its name where only one has it']],
  options: [...apiOptions, ...directOptions],
  examples: [
    ['tradebotctl bots show Trend', 'all that is known of it'],
    ['tradebotctl bots show 12 --json', 'for a program'],
  ],
  needs: 'packages',
  input: z.looseObject({ bot: z.string(), ...apiInput, ...directInput }),
  result: showResult,
  load: () => import('../bots/show.ts').then((module) => module.runShow),
})
