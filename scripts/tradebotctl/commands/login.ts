import { z } from 'zod'
import { loginResult } from '../api/shapes.ts'
import { defineCommand } from '../frame/command.ts'

const text = z.string().optional()

export const login = defineCommand({
  name: 'login',
  summary: 'Sign in to the server, so that the other commands may work there',
  details:
    'Asks for email and password, has the server make an API token named tradebotctl@HOST, and stores it in cli-token of the data folder, for its owner alone. The password is kept nowhere.',
  options: [
    ['--url <address>', 'of the server (default: TRADEBOT_URL, else that of this place)'],
    ['--email <address>', 'of the account (default: asked)'],
    ['--password-file <file>', 'its password in a file, - for standard input (default: asked, unseen)'],
  ],
  examples: [
    ['tradebotctl login', 'asks for both'],
    ['tradebotctl login --email me@example.com --password-file - < password.txt', 'without a terminal'],
  ],
  needs: 'packages',
  input: z.looseObject({ url: text, email: text, passwordFile: text }),
  result: loginResult,
  load: () => import('../api/login.ts').then((module) => module.runLogin),
})
