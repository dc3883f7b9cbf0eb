import { z } from 'zod'

/** How a command reaches the API. */
export const apiOptions = [
  ['--url <address>', 'of the server (default: TRADEBOT_URL, else that of this place)'],
  [
    '--token-file <file>',
    'an API token in a file, - for standard input (default: TRADEBOT_TOKEN, else what tradebotctl login stored)',
  ],
] as const

/** How a command works without the server. */
export const directOptions = [
  ['--direct', 'in the database itself, without the server'],
  ['--user <email>', 'whose bots, with --direct; needed where there are several accounts'],
] as const

const text = z.string().optional()
const flag = z.boolean().default(false)

export const apiInput = { url: text, tokenFile: text }
export const directInput = { direct: flag, user: text }

export type ApiInput = { url?: string | undefined; tokenFile?: string | undefined }
export type DirectInput = { direct?: boolean; user?: string | undefined }
