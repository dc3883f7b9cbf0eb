import { CONFIG_NAMES } from '../bots/config-fields.ts'
import type { Operation } from './ask.ts'

/** Every document that is sent; a test validates each against schema.graphql. */

const SUMMARY = `fragment summary on Bot {
  id name exchange symbol timeframe mode strategy allowedCommands
  state {
    status pauseReason closing errorMessage noticeMessage equity dailyPnl dailyTradeCount totalPnl lastPrice lastTickAt nextTickAt
  }
  position {
    side amount averagePrice stopLossPrice takeProfitPrice liquidationPrice unrealizedPnl openedAt protectedAtExchange unprotectedBecause
  }
}`

const ORDER = `fragment order on Order {
  id botId createdAt side purpose type status amount filled price stopPrice averagePrice reason errorMessage clientOrderId exchangeOrderId
}`

const EVENT = `fragment event on BotEvent { cursor at botId type fromStatus toStatus actor message }`

/** What a bot's configuration is on Bot; the key is an object there, and parameters have fields. */
const CONFIG = CONFIG_NAMES.map((name) =>
  name === 'apiKeyId' ? 'apiKey { id }' : name === 'strategyParams' ? 'strategyParams { name value }' : name,
).join(' ')

const REFUSAL = `... on Error { code message }`
const ISSUES = `... on ValidationError { issues { path message } }`
const STATE = `id name state { status closing }`

const query = (text: string): Operation => ({ kind: 'query', text })
const mutation = (text: string): Operation => ({ kind: 'mutation', text })

export const OPERATIONS = {
  names: query(`query BotNames($after: String) {
    bots(first: 500, after: $after) { edges { node { id name } } pageInfo { hasNextPage endCursor } }
  }`),
  list: query(`query Bots($after: String, $status: BotStatus, $search: String) {
    viewer { haltedAt }
    bots(first: 100, after: $after, status: $status, search: $search) {
      edges { node { ...summary } } pageInfo { hasNextPage endCursor }
    }
  } ${SUMMARY}`),
  show: query(`query Bot($id: ID!, $orders: Int!, $events: Int!) {
    viewer { haltedAt }
    bot(id: $id) {
      ...summary revision createdAt ${CONFIG} tradingChecks { code label passed message }
      orders(first: $orders) { edges { node { ...order } } }
      events(first: $events) { edges { node { ...event } } }
    }
  } ${SUMMARY} ${ORDER} ${EVENT}`),
  state: query(`query BotState($id: ID!) { bot(id: $id) { ${STATE} } }`),
  check: query(`query CheckBot($input: CreateBotInput!) { validateBot(input: $input) { path message } }`),
  create: mutation(`mutation CreateBot($input: CreateBotInput!) {
    outcome: createBot(input: $input) { ... on Bot { ${STATE} } ${REFUSAL} ${ISSUES} }
  }`),
  START: mutation(`mutation StartBot($id: ID!) {
    outcome: startBot(id: $id) { ... on Bot { ${STATE} } ${REFUSAL} }
  }`),
  PAUSE: mutation(`mutation PauseBot($id: ID!) {
    outcome: pauseBot(id: $id) { ... on Bot { ${STATE} } ${REFUSAL} }
  }`),
  RESUME: mutation(`mutation ResumeBot($id: ID!) {
    outcome: resumeBot(id: $id) { ... on Bot { ${STATE} } ${REFUSAL} }
  }`),
  STOP: mutation(`mutation StopBot($id: ID!, $openPosition: OpenPositionPolicy) {
    outcome: stopBot(id: $id, openPosition: $openPosition) { ... on Bot { ${STATE} } ${REFUSAL} }
  }`),
  DELETE: mutation(`mutation DeleteBot($id: ID!, $openPosition: OpenPositionPolicy) {
    outcome: deleteBot(id: $id, openPosition: $openPosition) { ... on Deleted { id } ${REFUSAL} }
  }`),
  halt: mutation(`mutation HaltTrading($closePositions: Boolean!) {
    haltTrading(closePositions: $closePositions) { haltedAt }
  }`),
  resumeTrading: mutation(`mutation ResumeTrading { resumeTrading { haltedAt } }`),
  orders: query(`query Orders($after: String, $first: Int!, $status: OrderStatus) {
    page: orders(first: $first, after: $after, status: $status) {
      edges { node { ...order } } pageInfo { hasNextPage endCursor }
    }
  } ${ORDER}`),
  ordersOfBot: query(`query OrdersOfBot($id: ID!, $after: String, $first: Int!) {
    bot(id: $id) { page: orders(first: $first, after: $after) {
      edges { node { ...order } } pageInfo { hasNextPage endCursor }
    } }
  } ${ORDER}`),
  events: query(`query Events($after: String, $first: Int!) {
    page: events(first: $first, after: $after) { edges { node { ...event } } pageInfo { hasNextPage endCursor } }
  } ${EVENT}`),
  eventsOfBot: query(`query EventsOfBot($id: ID!, $after: String, $first: Int!) {
    bot(id: $id) { page: events(first: $first, after: $after) {
      edges { node { ...event } } pageInfo { hasNextPage endCursor }
    } }
  } ${EVENT}`),
  signIn: mutation(`mutation SignIn($input: SignInInput!) {
    outcome: signIn(input: $input) { ... on User { email } ${REFUSAL} ${ISSUES} }
  }`),
  createToken: mutation(`mutation CreateToken($name: String!) {
    outcome: createApiToken(name: $name) { ... on IssuedApiToken { token apiToken { id name } } ${REFUSAL} ${ISSUES} }
  }`),
  tokens: query(`query Tokens { apiTokens { id name } }`),
  deleteToken: mutation(`mutation DeleteToken($id: ID!) {
    outcome: deleteApiToken(id: $id) { ... on Deleted { id } ${REFUSAL} }
  }`),
  signOut: mutation(`mutation SignOut { signOut }`),
} as const satisfies Record<string, Operation>

export const FOLLOW_EVENTS = `subscription FollowEvents($after: String) { botEvents(after: $after) { ...event } } ${EVENT}`
