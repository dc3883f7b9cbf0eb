import { EnvelopArmorPlugin } from '@escape.tech/graphql-armor'
import { renderGraphiQL } from '@graphql-yoga/render-graphiql'
import { createYoga, type Plugin } from 'graphql-yoga'
import { GraphQLError } from 'graphql'
import type { Context, Services } from '../context.ts'
import { originAllowed } from '../http/origins.ts'
import { schema } from '../schema/index.ts'
import { endWithCredential } from './end-with-credential.ts'
import { nameLiteralErrors, nameVariableErrors } from './input-errors.ts'
import { maskError } from './mask-error.ts'

export type Yoga = ReturnType<typeof makeYoga>

/** The GraphQL engine, over HTTP and (by `getEnveloped`) over WebSocket. The caller makes the context. */
export function makeYoga(services: Services) {
  const { env, logger } = services
  return createYoga<Context>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    multipart: false,
    batching: false,
    logging: {
      debug: (...parts) => logger.debug({ parts }, 'yoga'),
      info: (...parts) => logger.debug({ parts }, 'yoga'),
      warn: (...parts) => logger.warn({ parts }, 'yoga'),
      error: (...parts) => logger.error({ parts }, 'yoga'),
    },
    // The request's own errors are logged with their id by maskError.
    maskedErrors: false,
    cors: (request) => {
      const origin = request.headers.get('origin')
      if (origin === null || !originAllowed(origin, request.headers.get('host') ?? undefined, env))
        return false
      return {
        origin,
        credentials: true,
        methods: ['GET', 'POST', 'OPTIONS'],
        allowedHeaders: ['content-type', 'authorization', 'x-tradebot-csrf'],
        exposedHeaders: ['x-request-id', 'retry-after'],
        maxAge: 600,
      }
    },
    renderGraphiQL,
    graphiql: {
      title: 'TradeBot API',
      subscriptionsProtocol: 'WS',
      credentials: 'same-origin',
      additionalHeaders: { 'x-tradebot-csrf': '1' },
      defaultQuery:
        '# Sign in to the web app first, then this is your account.\n{\n  viewer { id username }\n}\n',
    },
    plugins: [
      EnvelopArmorPlugin({
        maxDepth: { n: 12, onReject },
        maxAliases: { n: 30, onReject },
        maxDirectives: { n: 50, onReject },
        maxTokens: { n: 5_000, onReject },
        // `first` multiplies what is inside: 500 whole bots pass, and so do 100 bots with 100 orders each.
        costLimit: { maxCost: 250_000, objectCost: 2, scalarCost: 1, depthCostFactor: 1, onReject },
        blockFieldSuggestion: { enabled: true },
      }),
      inputErrors,
      maskErrors(services),
    ],
  })
}

/** Armor calls each of its refusals a syntax error and gives it no code; thrown here, ours stands in its place. */
const onReject = [
  (_context: unknown, { message }: GraphQLError): never => {
    const limit = message.replace('Syntax Error: ', '')
    throw new GraphQLError(`${limit} Ask for less at a time; a page has at most 500 rows.`, {
      extensions: { code: 'QUERY_TOO_LARGE' },
    })
  },
]

const inputErrors: Plugin = {
  onValidate:
    ({ params }) =>
    ({ result, setResult }) =>
      setResult(nameLiteralErrors(onlyGraphQL(result), params.documentAST)),
}

function onlyGraphQL(errors: readonly unknown[]): GraphQLError[] {
  return errors.filter((error) => error instanceof GraphQLError)
}

/** Names the errors of variables and masks the unexpected ones, of every result and every event of a subscription. */
function maskErrors({ credentials, logger }: Services): Plugin<Context> {
  const polish = (errors: readonly GraphQLError[], context: Context) =>
    nameVariableErrors(errors).map((error) => maskError(error, context.requestId, logger))
  return {
    onExecute: ({ args }) => ({
      onExecuteDone: ({ result, setResult }) => {
        if (Symbol.asyncIterator in result || result.errors === undefined) return
        setResult({ ...result, errors: polish(result.errors, args.contextValue) })
      },
    }),
    onSubscribe: ({ args }) => ({
      onSubscribeResult: ({ result, setResult }) => {
        if (!(Symbol.asyncIterator in result)) {
          if (result.errors) setResult({ ...result, errors: polish(result.errors, args.contextValue) })
          return undefined
        }
        setResult(endWithCredential(result, args.contextValue, credentials))
        return {
          onNext: ({ result: event, setResult: setEvent }) => {
            if (Symbol.asyncIterator in event || event.errors === undefined) return
            setEvent({ ...event, errors: polish(event.errors, args.contextValue) })
          },
        }
      },
    }),
  }
}
