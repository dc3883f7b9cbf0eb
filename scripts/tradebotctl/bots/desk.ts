import type { ApiInput, DirectInput } from '../api/options.ts'
import type { Context } from '../frame/context.ts'
import { UsageError } from '../frame/errors.ts'
import type { BotDetail, BotSummary, EventShape, OrderShape } from './shapes.ts'

export type BotCommandName = 'START' | 'PAUSE' | 'RESUME' | 'STOP' | 'DELETE'
export type OpenPosition = 'CLOSE' | 'KEEP' | null
export type BotName = { id: string; name: string }
export type BotFilter = { status?: string | undefined; search?: string | undefined }
export type BotNow = { status: string | null; closing: boolean }

/**
 * One account's bots, as commands ask for them: through the API, or in the database without a server. Both answer in the same shapes, and
 * throw the same errors (frame/errors.ts).
 */
export type Desk = {
  /** Every bot there is, newest first. */
  names: () => Promise<BotName[]>
  list: (filter: BotFilter) => Promise<{ haltedAt: string | null; bots: BotSummary[] }>
  /** Orders newest first, events oldest first. Null: there is no such bot. */
  show: (
    id: string,
    newest: { orders: number; events: number },
  ) => Promise<{ haltedAt: string | null; bot: BotDetail; orders: OrderShape[]; events: EventShape[] } | null>
  /** What the bot is then; status null: it is deleted. */
  command: (name: BotCommandName, id: string, openPosition: OpenPosition) => Promise<BotNow>
  halt: (closePositions: boolean) => Promise<void>
  resumeTrading: () => Promise<void>
  /** Processes that guard and trade; null: only the database could say, and the server is asked. */
  workersAlive: () => Promise<number | null>
  /** The newest, newest first; botId null: of all bots. */
  orders: (asked: { botId: string | null; status: string | undefined; last: number }) => Promise<OrderShape[]>
  /** The newest, oldest first; botId null: of all bots. */
  events: (asked: { botId: string | null; last: number }) => Promise<EventShape[]>
  /** Every event after this cursor, in order, none lost and none twice, until the signal; `say` hears of what befalls the connection. */
  follow: (after: string, signal: AbortSignal, say: (line: string) => void) => AsyncIterable<EventShape>
}

/** Opens the desk that the options ask for; only its own code is loaded, for the other's takes half a second. @throws UsageError */
export async function withDesk<T>(
  context: Context,
  input: ApiInput & DirectInput,
  use: (desk: Desk) => Promise<T>,
): Promise<T> {
  if (input.direct === true) {
    if (input.url !== undefined || input.tokenFile !== undefined)
      throw new UsageError('--direct works in the database: --url and --token-file have no place there.')
    const { withDirectDesk } = await import('./direct-desk.ts')
    return withDirectDesk(context, input.user, use)
  }
  if (input.user !== undefined)
    throw new UsageError('--user goes with --direct; through the API the token says whose bots.')
  const { withConnection } = await import('../api/api-desk.ts')
  return withConnection(context, input, use)
}
