import type { Answer } from './api.ts'
import type { Trader } from './trader.ts'

const fields = {
  orders:
    'id clientOrderId exchangeOrderId side purpose status amount filled averagePrice reason errorMessage createdAt',
  trades: 'id orderId side amount price fee feeCurrency realizedPnl',
} as const

/** The same trader, but its orders and trades are all of them, page by page, however many a long campaign makes. */
export function withWholeHistory(trader: Trader): Trader {
  const all = (what: keyof typeof fields) => async (id: string) => {
    const nodes: Answer[] = []
    for (let after: string | null = null; ;) {
      const page: Answer = await trader.api.ask(
        `query ($id: ID!, $after: String) { bot(id: $id) { page: ${what}(first: 100, after: $after) {
          pageInfo { hasNextPage endCursor } edges { node { ${fields[what]} } } } } }`,
        { id, after },
      )
      const { edges, pageInfo } = page.bot.page
      nodes.push(...edges.map((edge: Answer) => edge.node))
      if (!pageInfo.hasNextPage) return nodes
      after = pageInfo.endCursor
    }
  }
  return { ...trader, orders: all('orders'), trades: all('trades') }
}
