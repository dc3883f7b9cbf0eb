import { describe } from 'vitest'
import { testAlerts } from './alerts.ts'
import { testBacktests } from './backtest-pages.ts'
import { useHouse, useStage } from './browser-test.ts'
import { testConnection } from './connection.ts'
import { testFirstBot } from './first-bot.ts'
import { testFuturesBot } from './futures-bot.ts'
import { testGraphiQL } from './graphiql.ts'
import { testPosition } from './position.ts'
import { account } from './visit.ts'

const house = useHouse()
const stageOf = (name: string) =>
  useStage(house, { ...account, email: `${name.toLowerCase()}@example.com`, username: `${name} Lovelace` })

describe('from the sign-up to the first bot', () => testFirstBot(stageOf('Ada')))
describe('a position', () => testPosition(stageOf('Bea')))
describe('a futures bot', () => testFuturesBot(stageOf('Gala')))
describe('the GraphQL console', () => testGraphiQL(stageOf('Cleo')))
describe('alerts and the export', () => testAlerts(stageOf('Emmy')))
describe('backtests', () => testBacktests(stageOf('Fern')))
describe('the connection', () => testConnection(stageOf('Dora')))
