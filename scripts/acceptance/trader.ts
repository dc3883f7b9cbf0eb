import { randomBytes } from 'node:crypto'
import { openApi, post, type Answer, type Api } from './api.ts'
import type { Keys } from './sandbox.ts'
import { until } from './until.ts'

/** A signed-up user with an API token, and what one does with bots. */
export type Trader = Awaited<ReturnType<typeof signUp>>

/** Commands on a bot cannot break a rule of input: their unions hold no ValidationError. */
const commands = new Set(['startBot', 'pauseBot', 'resumeBot', 'stopBot', 'deleteBot', 'deleteApiToken'])
const failureOf = (mutation: string) =>
  `... on Error { code message } ${commands.has(mutation) ? '' : '... on ValidationError { issues { path message } }'}`
const botFields = `id name mode isActive revision allowedCommands
  state { status pauseReason errorCode errorMessage closing version dailyPnl dailyTradeCount totalPnl equity lastPrice lastSignal lastTickAt }
  position { side amount averagePrice stopLossPrice }`
const historyFields = `
  orders(first: 100) { edges { node { id clientOrderId exchangeOrderId side purpose status amount filled averagePrice reason errorMessage createdAt } } }
  trades(first: 100) { edges { node { id orderId side amount price fee feeCurrency realizedPnl } } }`

/** Signs up with a cookie, as the web app would, and makes a token, as a program would. */
export async function signUp(url: string) {
  const name = `t${randomBytes(6).toString('hex')}`
  let cookie = ''
  const user = await post(
    url,
    `mutation ($input: SignUpInput!) { signUp(input: $input) { __typename ... on User { id email } ${failureOf('signUp')} } }`,
    { input: { email: `${name}@example.com`, username: name, password: `pw-${name}-Long1!` } },
    { 'x-tradebot-csrf': '1' },
    (response) =>
      (cookie = response.headers
        .getSetCookie()
        .map((line) => line.split(';')[0])
        .join('; ')),
  )
  expectType(user.signUp, 'User')
  const issued = await post(
    url,
    `mutation { createApiToken(name: "acceptance") { __typename ... on IssuedApiToken { token apiToken { id } } ${failureOf('createApiToken')} } }`,
    {},
    { 'x-tradebot-csrf': '1', cookie },
  )
  expectType(issued.createApiToken, 'IssuedApiToken')
  return trade(openApi(url, issued.createApiToken.token))
}

function trade(api: Api) {
  /** A mutation of one argument list; the union's answer as it is. */
  const mutate = async (call: string, types: string, variables: Answer, fields: string): Promise<Answer> => {
    const name = /^\w+/.exec(call)?.[0] ?? ''
    const data = await api.ask(
      `mutation (${types}) { ${call} { __typename ${fields} ${failureOf(name)} } }`,
      variables,
    )
    return data[name]
  }
  const onBot = (name: string) => async (id: string) =>
    expectType(await mutate(`${name}(id: $id)`, '$id: ID!', { id }, `... on Bot { ${botFields} }`), 'Bot')

  const bot = async (id: string) =>
    (await api.ask(`query ($id: ID!) { bot(id: $id) { ${botFields} ${historyFields} } }`, { id })).bot

  return {
    api,
    mutate,
    async addKey(keys: Keys): Promise<string> {
      const input = { exchange: 'sandbox', label: `key ${keys.apiKey.slice(-6)}`, ...keys }
      return expectType(
        await mutate(
          'addApiKey(input: $input)',
          '$input: AddApiKeyInput!',
          { input },
          '... on ApiKey { id }',
        ),
        'ApiKey',
      ).id
    },
    /** A bot that crosses often: EMA 2 over 3, no RSI filter, 1 s. */
    async createBot(input: Record<string, unknown>): Promise<Answer> {
      return expectType(
        await mutate(
          'createBot(input: $input)',
          '$input: CreateBotInput!',
          { input: { ...eagerBot, name: `bot ${randomBytes(3).toString('hex')}`, ...input } },
          `... on Bot { ${botFields} }`,
        ),
        'Bot',
      )
    },
    start: onBot('startBot'),
    pause: onBot('pauseBot'),
    resume: onBot('resumeBot'),
    async stop(id: string, openPosition: 'CLOSE' | 'KEEP'): Promise<Answer> {
      const call = 'stopBot(id: $id, openPosition: $openPosition)'
      const types = '$id: ID!, $openPosition: OpenPositionPolicy'
      return expectType(await mutate(call, types, { id, openPosition }, `... on Bot { ${botFields} }`), 'Bot')
    },
    bot,
    orders: async (id: string): Promise<Answer[]> => nodes((await bot(id)).orders),
    trades: async (id: string): Promise<Answer[]> => nodes((await bot(id)).trades),
    /** Waits until what is true of the bot. */
    botWhen: (id: string, what: string, is: (bot: Answer) => boolean, timeoutMs = 30_000): Promise<Answer> =>
      until(
        `bot ${id} ${what}`,
        async () => {
          const now = await bot(id)
          return is(now) && now
        },
        timeoutMs,
        200,
      ),
    events: async (id: string): Promise<Answer[]> =>
      nodes(
        (
          await api.ask(
            `query ($id: ID!) { bot(id: $id) { events(first: 100) { edges { node { cursor type fromStatus toStatus actor message at } } } } }`,
            { id },
          )
        ).bot.events,
      ),
  }
}

/** Every field that a test does not care for, at values that make signals frequent and everything else rare. */
const eagerBot = {
  exchange: 'sandbox',
  symbol: 'BTC/USDT',
  timeframe: '1s',
  initialCapital: '10000',
  positionSizeFixed: '1000',
  stopLossPerc: '20',
  takeProfitPerc: '0',
  emaFast: 2,
  emaSlow: 3,
  rsiPeriod: 2,
  rsiOverbought: '100',
  rsiOversold: '0',
  checkIntervalSeconds: 1,
}

const nodes = (connection: Answer): Answer[] => connection.edges.map((edge: Answer) => edge.node)

/** The answer, if it is of this type. @throws Error that shows what it is instead */
function expectType(answer: Answer, type: string): Answer {
  if (answer?.__typename !== type) throw new Error(`Expected ${type}, got ${JSON.stringify(answer)}`)
  return answer
}
