import { z } from 'zod'
import { apiInput, apiOptions, directInput, directOptions } from '../api/options.ts'
import { haltResult } from '../bots/shapes.ts'
import { defineCommand } from '../frame/command.ts'

export const resumeTrading = defineCommand({
  name: 'resume-trading',
  summary: 'End a halt: bots may enter positions again',
  options: [...apiOptions, ...directOptions],
  examples: [
    ['tradebotctl resume-trading', 'ends the halt'],
    ['tradebotctl resume-trading --direct --user me@example.com', 'while the server is down'],
  ],
  needs: 'packages',
  input: z.looseObject({ ...apiInput, ...directInput }),
  result: haltResult,
  load: () => import('../bots/halt.ts').then((module) => module.runResumeTrading),
})
