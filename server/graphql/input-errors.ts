import { type ASTNode, type DocumentNode, GraphQLError, Kind, visit } from 'graphql'

/** What graphql-js says of a value in the document is at a node of one of these kinds. */
const VALUES: ReadonlySet<string> = new Set([
  Kind.INT,
  Kind.FLOAT,
  Kind.STRING,
  Kind.BOOLEAN,
  Kind.NULL,
  Kind.ENUM,
  Kind.LIST,
  Kind.OBJECT,
  Kind.OBJECT_FIELD,
])

/** Gives the code BAD_USER_INPUT, and the path of the value, to what validation says of a value written in the document. */
export function nameLiteralErrors(errors: readonly GraphQLError[], document: DocumentNode): GraphQLError[] {
  return errors.map((error) => {
    const node = error.nodes?.[0]
    if (node === undefined || !VALUES.has(node.kind)) return error
    const path = pathOf(node, document)
    if (path === null) return error
    return badUserInput(error, [...path, ...missingField(error)], `${path.join('.')}: ${error.message}`)
  })
}

/** The same for a variable's value, which graphql-js looks at when it executes; its message names the path already. */
export function nameVariableErrors(errors: readonly GraphQLError[]): GraphQLError[] {
  return errors.map((error) => {
    const node = error.nodes?.[0]
    if (node?.kind !== Kind.VARIABLE_DEFINITION || error.path !== undefined) return error
    const inside = / at "([^"]+)"; /.exec(error.message)?.[1] ?? node.variable.name.value
    return badUserInput(
      error,
      [...inside.split(/[.[\]]+/).filter((part) => part !== ''), ...missingField(error)],
      error.message,
    )
  })
}

/** A field that is not there has no place of its own; only the message names it. */
function missingField({ message }: GraphQLError): string[] {
  const name = /Field "(?:\w+\.)?(\w+)" of required type/.exec(message)?.[1]
  return name === undefined ? [] : [name]
}

function badUserInput(error: GraphQLError, path: string[], message: string): GraphQLError {
  return new GraphQLError(message, {
    nodes: error.nodes ?? null,
    extensions: { ...error.extensions, code: 'BAD_USER_INPUT', path },
  })
}

/** Field, argument and input fields that lead to the node: createBot.input.name. */
function pathOf(wanted: ASTNode, document: DocumentNode): string[] | null {
  let found: string[] | null = null
  const names: string[] = []
  visit(document, {
    enter(node) {
      if (found !== null) return false
      if (isNamed(node)) names.push(node.name.value)
      if (node === wanted) found = [...names]
      return undefined
    },
    leave(node) {
      if (isNamed(node)) names.pop()
    },
  })
  return found
}

function isNamed(node: ASTNode) {
  return node.kind === Kind.FIELD || node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD
}
