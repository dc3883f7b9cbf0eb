import type { AlertKind } from '../../graphql/documents/alerts.ts'

type Words = { label: string; tone: 'error' | 'paused' | 'pending'; detail: string }

/** What each kind of alert is called, how serious it is, and what it tells. The order is that of the form. */
export const alertWords: Record<AlertKind, Words> = {
  BOT_ERROR: { label: 'Bot in error', tone: 'error', detail: 'a person has to change something' },
  POSITION_UNPROTECTED: {
    label: 'Position unprotected',
    tone: 'error',
    detail: 'no stop rests at the exchange',
  },
  BOT_LATE: { label: 'Bot late', tone: 'error', detail: 'it is not looked after as often as it should be' },
  ORDER_UNKNOWN: { label: 'Order unknown', tone: 'error', detail: 'what became of it is being found out' },
  TRANSFER_UNKNOWN: {
    label: 'Transfer unknown',
    tone: 'error',
    detail: 'whether money moved between wallets is being found out',
  },
  WORKER_DEAD: { label: 'Worker dead', tone: 'error', detail: 'another one carries on' },
  RECONCILIATION: { label: 'Books and account differ', tone: 'paused', detail: 'found by comparing them' },
  DAILY_LIMIT: { label: 'Daily limit', tone: 'paused', detail: 'target, loss or number of trades' },
  DRAWDOWN: { label: 'Drawdown limit', tone: 'paused', detail: 'the bot waits for you' },
  TEST: { label: 'Test', tone: 'pending', detail: 'the test button' },
}

/** The kinds that a channel can be limited to; a test comes always. */
export const choosableKinds: readonly AlertKind[] = [
  'BOT_ERROR',
  'POSITION_UNPROTECTED',
  'BOT_LATE',
  'ORDER_UNKNOWN',
  'TRANSFER_UNKNOWN',
  'WORKER_DEAD',
  'RECONCILIATION',
  'DAILY_LIMIT',
  'DRAWDOWN',
]
