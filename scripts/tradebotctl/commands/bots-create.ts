import { z } from 'zod'
import { apiInput, apiOptions } from '../api/options.ts'
import { createResult } from '../bots/shapes.ts'
import { defineCommand } from '../frame/command.ts'

const flag = z.boolean().default(false)

export const botsCreate = defineCommand({
  name: 'bots create',
  summary: 'Create a bot from a file or from NAME=VALUE pairs, and start it if asked to',
  details:
    'The file is JSON with the names of CreateBotInput; what stands behind // is a comment. What --set says comes before the file. Every rule that the bot breaks is told, each on a line, and nothing is saved then.',
  options: [
    ['--template', 'print a file to change, with every setting'],
    ['--file <file>', 'the bot, - for standard input'],
    ['--set <name=value...>', 'a setting: name=Trend, emaFast=9, strategyParams.period=20; may be repeated'],
    ['--check', 'only say what is wrong with it; save nothing'],
    ['--start', 'start it at once'],
    ...apiOptions,
  ],
  examples: [
    ['tradebotctl bots create --template > bot.json', 'a file to change'],
    ['tradebotctl bots create --file bot.json --check', 'is it right?'],
    [
      'tradebotctl bots create --file bot.json --set name="Trend 2" symbol=ETH/USDT --start',
      'another of its kind',
    ],
  ],
  needs: 'packages',
  input: z.looseObject({
    template: flag,
    file: z.string().optional(),
    set: z.array(z.string()).default([]),
    check: flag,
    start: flag,
    ...apiInput,
  }),
  result: createResult,
  load: () => import('../bots/create.ts').then((module) => module.runCreate),
})
