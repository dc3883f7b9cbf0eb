// Lint rules of our own: what trading/domain holds are functions of their arguments, time and chance included.
const forbidden = new Set([
  'Date.now',
  'Math.random',
  'performance.now',
  'crypto.randomUUID',
  'crypto.getRandomValues',
])
const noClockMessage =
  'trading/domain has no clock and no randomness: take the time (and chance) as an argument, so that the same input always gives the same answer.'

const noClock = {
  create(context) {
    const report = (node) => context.report({ node, message: noClockMessage })
    return {
      MemberExpression: (node) => {
        if (forbidden.has(`${node.object.name}.${node.property.name}`)) report(node)
      },
      NewExpression: (node) => {
        if (node.callee.name === 'Date' && node.arguments.length === 0) report(node)
      },
      CallExpression: (node) => {
        if (node.callee.name === 'Date') report(node)
      },
    }
  },
}

const allowed = new Set(['decimal.js', 'technicalindicators', 'zod'])
const importMessage = `trading/domain imports only itself and value libraries (${[...allowed].join(', ')}): it is pure.`

// no-restricted-imports can only forbid; this one says what is allowed.
const pureImports = {
  create(context) {
    const check = (node) => {
      const source = node.source?.value
      if (source === undefined || allowed.has(source)) return
      if (!source.startsWith('.') || /^(\.\.\/)+(config|jobs|store)\//.test(source))
        context.report({ node: node.source, message: importMessage })
    }
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    }
  },
}

export default { meta: { name: 'tradebot' }, rules: { 'no-clock': noClock, 'pure-imports': pureImports } }
