import { z } from 'zod'
import type { BotNow, Desk } from '../bots/desk.ts'
import {
  botDetail,
  type BotDetail,
  botSummary,
  type BotSummary,
  eventShape,
  orderShape,
} from '../bots/shapes.ts'
import { CONFIG_NAMES } from '../bots/config-fields.ts'
import type { Context } from '../frame/context.ts'
import { ask } from './ask.ts'
import { connect, type Connection } from './connection.ts'
import { OPERATIONS } from './operations.ts'
import type { ApiInput } from './options.ts'
import { errorOf, refusalShape } from './refusals.ts'

/** The desk over the API. */
export async function withConnection<T>(
  context: Context,
  input: ApiInput,
  use: (desk: Desk) => Promise<T>,
): Promise<T> {
  return use(makeApiDesk(await connect(context, input, { direct: true })))
}

function makeApiDesk(connection: Connection): Desk {
  const botNow = async (id: string): Promise<BotNow> => {
    const { bot } = await ask(connection, OPERATIONS.state, { id }, z.object({ bot: named.nullable() }))
    return bot === null ? { status: null, closing: false } : bot.state
  }
  return {
    names: () =>
      everyPage(null, async (after) => {
        const answer = await ask(
          connection,
          OPERATIONS.names,
          { after },
          z.object({ bots: pageOf(nameShape) }),
        )
        return answer.bots
      }),

    async list({ status, search }) {
      let haltedAt: string | null = null
      const bots: BotSummary[] = await everyPage(null, async (after) => {
        const variables = { after, status: status ?? null, search: search ?? null }
        const answer = await ask(connection, OPERATIONS.list, variables, listAnswer)
        haltedAt = answer.viewer?.haltedAt ?? null
        return answer.bots
      })
      return { haltedAt, bots }
    },

    async show(id, newest) {
      const { viewer, bot } = await ask(connection, OPERATIONS.show, { id, ...newest }, showAnswer)
      if (bot === null) return null
      const { orders, events, ...rest } = bot
      return {
        haltedAt: viewer?.haltedAt ?? null,
        bot: detailOf(rest),
        orders: nodesOf(orders),
        events: nodesOf(events).toReversed(),
      }
    },

    async command(name, id, openPosition) {
      const chosen = name === 'STOP' || name === 'DELETE' ? { openPosition } : {}
      const { outcome } = await ask(connection, OPERATIONS[name], { id, ...chosen }, commandAnswer)
      if ('code' in outcome) throw errorOf(outcome)
      return 'state' in outcome ? outcome.state : botNow(id)
    },

    halt: async (closePositions) => {
      await ask(connection, OPERATIONS.halt, { closePositions }, z.unknown())
    },
    resumeTrading: async () => {
      await ask(connection, OPERATIONS.resumeTrading, {}, z.unknown())
    },

    workersAlive: () => Promise.resolve(null),

    orders: ({ botId, status, last }) =>
      everyPage(last, async (after, first) => {
        if (botId === null)
          return (
            await ask(connection, OPERATIONS.orders, { after, first, status: status ?? null }, orderPage)
          ).page
        // The list of one bot has no filter: a page with little of what is asked for is followed by the next.
        const asked = { id: botId, after, first: status === undefined ? first : MOST }
        const { page } = (await ask(connection, OPERATIONS.ordersOfBot, asked, ofBot(orderPage))).bot ?? EMPTY
        return {
          ...page,
          edges: page.edges.filter(({ node }) => status === undefined || node.status === status),
        }
      }),

    async events({ botId, last }) {
      const newestFirst = await everyPage(last, async (after, first) => {
        if (botId === null)
          return (await ask(connection, OPERATIONS.events, { after, first }, eventPage)).page
        const asked = { id: botId, after, first }
        return ((await ask(connection, OPERATIONS.eventsOfBot, asked, ofBot(eventPage))).bot ?? EMPTY).page
      })
      return newestFirst.toReversed()
    },

    async *follow(after, signal, say) {
      const { followEvents } = await import('./follow-events.ts')
      yield* followEvents(connection, after, signal, say)
    },
  }
}

/** A page has at most so many rows. */
const MOST = 500

type Page<Row> = {
  edges: { node: Row }[]
  pageInfo: { hasNextPage: boolean; endCursor: string | null }
}
const EMPTY = { page: { edges: [], pageInfo: { hasNextPage: false, endCursor: null } } }

/** Rows of all pages, at most `last` (null: all of them). */
async function everyPage<Row>(
  last: number | null,
  read: (after: string | null, first: number) => Promise<Page<Row>>,
): Promise<Row[]> {
  const rows: Row[] = []
  let after: string | null = null
  while (last === null || rows.length < last) {
    const page: Page<Row> = await read(after, last === null ? MOST : Math.min(last - rows.length, MOST))
    rows.push(...nodesOf(page))
    if (!page.pageInfo.hasNextPage) break
    after = page.pageInfo.endCursor
  }
  return last === null ? rows : rows.slice(0, last)
}

function nodesOf<Row>({ edges }: { edges: { node: Row }[] }): Row[] {
  return edges.map(({ node }) => node)
}

const nameShape = z.object({ id: z.string(), name: z.string() })
const named = z.object({
  ...nameShape.shape,
  state: botSummary.shape.state.pick({ status: true, closing: true }),
})
const edgesOf = <Shape extends z.ZodType>(node: Shape) => z.object({ edges: z.array(z.object({ node })) })
const pageOf = <Shape extends z.ZodType>(node: Shape) =>
  edgesOf(node).extend({
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  })
const ofBot = <Shape extends z.ZodType>(shape: Shape) => z.object({ bot: shape.nullable() })

const viewer = z.object({ haltedAt: z.string().nullable() }).nullable()
const listAnswer = z.object({ viewer, bots: pageOf(botSummary) })
const orderPage = z.object({ page: pageOf(orderShape) })
const eventPage = z.object({ page: pageOf(eventShape) })
const commandAnswer = z.object({ outcome: z.union([refusalShape, named, z.object({ id: z.string() })]) })

const { config: _, ...knownDetail } = botDetail.shape
const showAnswer = z.object({
  viewer,
  // Settings stand beside the rest in the API.
  bot: z
    .looseObject({
      ...knownDetail,
      orders: edgesOf(orderShape),
      events: edgesOf(eventShape),
      apiKey: nameShape.pick({ id: true }).nullable(),
    })
    .nullable(),
})

type LooseDetail = Omit<BotDetail, 'config'> & { apiKey: { id: string } | null } & Record<string, unknown>

function detailOf(bot: LooseDetail): BotDetail {
  const settings = CONFIG_NAMES.map((name): [string, unknown] => [
    name,
    name === 'apiKeyId' ? (bot.apiKey?.id ?? null) : bot[name],
  ])
  const known = Object.keys(knownDetail).map((name): [string, unknown] => [name, bot[name]])
  return botDetail.parse({ ...Object.fromEntries(known), config: Object.fromEntries(settings) })
}
