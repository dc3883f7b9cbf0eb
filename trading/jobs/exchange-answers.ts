import { z } from 'zod'

/** What a worker answers to EXCHANGES (doctor). */
export const exchangeAnswersSchema = z.strictObject({
  /** The worker's machine, whose clock is compared. */
  host: z.string(),
  exchanges: z.array(
    z.strictObject({
      exchange: z.string(),
      ok: z.boolean(),
      /** Of the whole call; null: no answer. */
      latencyMs: z.number().nullable(),
      /** How far the machine's clock is ahead of the exchange's; null: the exchange tells no time, or did not answer. */
      clockDifferenceMs: z.number().nullable(),
      /** What is wrong, in the exchange's words or ours. */
      message: z.string().nullable(),
    }),
  ),
})

export type ExchangeAnswers = z.infer<typeof exchangeAnswersSchema>
export type ExchangeAnswer = ExchangeAnswers['exchanges'][number]
