import { allNumberFields, numberFieldsOf, numberSpecs, type StepId } from './number-fields.ts'

export type Step = { id: StepId; title: string; lead: string }

export const steps: readonly Step[] = [
  { id: 'basic', title: 'Basic settings', lead: 'What it trades, where, and with which money.' },
  { id: 'technical', title: 'Technical indicators', lead: 'When it enters and leaves a position.' },
  { id: 'risk', title: 'Risk management', lead: 'What limits a loss, and when it rests.' },
  { id: 'funds', title: 'Fund management', lead: 'How much it trades with.' },
]

const ownFields: Record<StepId, Readonly<Record<string, string>>> = {
  basic: {
    name: 'Name',
    exchange: 'Exchange',
    mode: 'Mode',
    apiKeyId: 'API key',
    positionType: 'Market type',
    symbol: 'Market',
    timeframe: 'Timeframe',
  },
  technical: { strategy: 'Strategy', strategyParams: 'Parameters', direction: 'Direction' },
  risk: {
    onDailyLimit: 'An open position at the daily loss limit or target',
    resumeNextDay: 'Go on by itself the next day',
  },
  funds: { autoTransferFunds: 'Moving funds between wallets' },
}

/** Every field that a step can mark. */
export function fieldsOfStep(step: StepId): string[] {
  return [...Object.keys(ownFields[step]), ...numberFieldsOf(step, false), ...numberFieldsOf(step, true)]
}

/** Each field that the form can mark, with what it is called there. */
export const formLabels: Readonly<Record<string, string>> = Object.assign(
  Object.fromEntries(allNumberFields.map((name) => [name, numberSpecs[name].label])),
  ...Object.values(ownFields),
)

/** The first step that holds one of these fields; undefined when none does. */
export function stepIndexOf(fields: readonly string[]): number | undefined {
  const found = steps.findIndex((step) => fieldsOfStep(step.id).some((field) => fields.includes(field)))
  return found === -1 ? undefined : found
}
