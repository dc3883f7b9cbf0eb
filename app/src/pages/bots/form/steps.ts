import { numberFieldsOf, type StepId } from './number-fields.ts'

export type Step = { id: StepId; title: string; lead: string }

export const steps: readonly Step[] = [
  { id: 'basic', title: 'Basic settings', lead: 'What it trades, where, and with which money.' },
  { id: 'technical', title: 'Technical indicators', lead: 'When it enters and leaves a position.' },
  { id: 'risk', title: 'Risk management', lead: 'What limits a loss, and when it rests.' },
  { id: 'funds', title: 'Fund management', lead: 'How much it trades with.' },
]

const ownFields: Record<StepId, readonly string[]> = {
  basic: ['name', 'exchange', 'mode', 'apiKeyId', 'positionType', 'symbol', 'timeframe'],
  technical: ['strategy', 'strategyParams', 'direction'],
  risk: ['onDailyLimit', 'resumeNextDay'],
  funds: ['autoTransferFunds'],
}

/** Every field that a step can mark. */
export function fieldsOfStep(step: StepId): string[] {
  return [...ownFields[step], ...numberFieldsOf(step, false), ...numberFieldsOf(step, true)]
}

export const allFormFields: readonly string[] = steps.flatMap((step) => fieldsOfStep(step.id))

/** The first step that holds one of these fields; undefined when none does. */
export function stepIndexOf(fields: readonly string[]): number | undefined {
  const found = steps.findIndex((step) => fieldsOfStep(step.id).some((field) => fields.includes(field)))
  return found === -1 ? undefined : found
}
