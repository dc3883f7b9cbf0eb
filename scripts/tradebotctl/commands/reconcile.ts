import { z } from 'zod'
import { act, comparison } from '#trading/jobs/reconcile-answer.ts'
import { defineCommand } from '../frame/command.ts'

const TIMEOUT = 'must be a whole number of seconds from 1 to 3600'

const input = z
  .object({
    plan: z.boolean().default(false),
    apply: z.boolean().default(false),
    key: z.string().min(1, 'give the id or the label of an API key').optional(),
    exchange: z.string().min(1, 'give the id of an exchange').optional(),
    user: z.string().min(1, 'give the e-mail address of an account').optional(),
    timeout: z.coerce.number(TIMEOUT).int(TIMEOUT).min(1, TIMEOUT).max(3600, TIMEOUT).default(120),
    yes: z.boolean().default(false),
  })
  .refine(({ plan, apply }) => !(plan && apply), {
    message: '--plan and --apply exclude each other: --apply shows the plan first.',
  })

const account = z.strictObject({
  key: z.strictObject({ id: z.string(), label: z.string() }).describe('the API key'),
  exchange: z.string().describe("the exchange's id"),
  user: z.string().describe('whose key it is: an e-mail address'),
  plan: comparison.nullable().describe('what differed; null where the exchange could not be asked'),
  acts: z.array(act).describe('what --apply did'),
  left: comparison.nullable().describe('what differs after --apply; null with --plan'),
  error: z.string().nullable().describe('why the account could not be compared'),
})

const result = z.strictObject({
  mode: z.enum(['PLAN', 'APPLY']).describe('APPLY: the differences were settled as far as a machine can'),
  agree: z.boolean().describe('books and exchanges agree; foreign orders that were told are no difference'),
  accounts: z.array(account),
})

export type ReconcileInput = z.infer<typeof input>
export type ReconcileResult = z.infer<typeof result>
export type ReconciledAccount = z.infer<typeof account>

export const reconcile = defineCommand({
  name: 'reconcile',
  summary: 'Compare the books with the exchanges, and settle what differs',
  details:
    'A worker asks the exchanges, by the same rules as every few minutes; it has to run. --plan (the default) prints what differs and changes ' +
    'nothing. --apply shows the plan, settles it, each with an event of the bot, and compares again. No fill is ever invented: where nobody can ' +
    'know what happened the bots pause with a question for a person, and it stays a difference (exit 1) until that is put right. A foreign ' +
    'order is told once and left alone, and is no difference then. Exit 0: they agree; 1: something differs, or is left.',
  options: [
    ['--plan', 'only says what differs (the default)'],
    ['--apply', 'settles it; asks first'],
    ['--key <key>', 'one API key, by its id or label'],
    ['--exchange <id>', 'the keys of one exchange'],
    ['--user <email>', 'the keys of one account'],
    ['--timeout <seconds>', 'how long a worker may take (default: 120)'],
    ['-y, --yes', 'does not ask'],
  ],
  examples: [
    ['tradebotctl reconcile', 'what differs, on every exchange'],
    ['tradebotctl reconcile --apply --yes --exchange sandbox', 'settles it without asking, on one exchange'],
    ['tradebotctl reconcile --key 7 --json', 'one key, as a document'],
  ],
  needs: 'packages',
  input,
  result,
  load: async () => (await import('../reconcile/run-reconcile.ts')).runReconcile,
})
