import { defineConfig } from 'oxlint'

// Imports point one way (DESIGN.md, "Parts"): app | server, worker, scripts → prisma → trading → trading/domain; sandbox stands alone.
const folders = ['app', 'prisma', 'sandbox', 'scripts', 'server', 'trading', 'worker'] as const
type Folder = (typeof folders)[number]

const climbing = {
  regex: `^(\\.\\./)+(${folders.join('|')})/`,
  message: 'Another top folder is imported through the imports map of package.json: #trading/…, #prisma/…',
}
const ccxt = {
  regex: '^ccxt(/|$)',
  message:
    'Only worker/exchange imports ccxt (140 MB, 0.7 s): a script or server that needs an exchange asks a worker by a job.',
}

/** Forbids the imports map's other folders; the message says what the folder may import. */
function only(folder: Folder, allowed: readonly Folder[], rule: string) {
  const others = folders.filter((other) => other !== folder && !allowed.includes(other))
  return { regex: `^#(${others.join('|')})/`, message: `${folder} imports ${rule}.` }
}

function restrict(
  files: string[],
  patterns: { regex: string; message: string }[],
  excludeFiles: string[] = [],
) {
  return { files, excludeFiles, rules: { 'no-restricted-imports': ['error', { patterns }] } } as const
}

const tests = ['**/*.test.ts', '**/*.e2e.ts', '**/testing/**']
const server = only(
  'server',
  ['trading', 'prisma'],
  'trading and prisma; it never imports the worker, and asks it by a job',
)
const worker = only('worker', ['trading', 'prisma'], 'trading and prisma; it never imports the server')
const scripts = only(
  'scripts',
  ['trading', 'prisma'],
  'trading and prisma; what needs an exchange asks a worker by a job',
)
const trading = only('trading', [], 'nothing of ours: server, worker and scripts use it')
export default defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'vitest'],
  jsPlugins: ['./scripts/lint/domain-rules.mjs', 'eslint-plugin-solid'],
  categories: { correctness: 'error' },
  ignorePatterns: ['prisma/generated', 'app/dist', 'scripts/dist', '**/graphql-env.d.ts', '.tradebot*'],
  rules: {
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/await-thenable': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/only-throw-error': 'error',
    'typescript/no-unnecessary-type-assertion': 'error',
    'no-empty': 'error',
    'no-console': 'error',
    eqeqeq: ['error', 'always', { null: 'ignore' }],
    'import/no-cycle': 'error',
    'vitest/no-focused-tests': 'error',
    'vitest/no-disabled-tests': 'error',
    'vitest/valid-expect': ['error', { maxArgs: 2 }],
    'vitest/expect-expect': [
      'error',
      { assertFunctionNames: ['expect', 'fc.assert', 'expect*', 'assert*', '*.expect*'] },
    ],
    // Not ours: they find no mistakes here.
    'vitest/require-mock-type-parameters': 'off',
    'vitest/no-conditional-expect': 'off',
    'vitest/no-conditional-tests': 'off',
    'vitest/valid-describe-callback': 'off',
    'promise/no-callback-in-promise': 'off',
    'unicorn/prefer-string-starts-ends-with': 'off',
    'unicorn/no-useless-spread': 'off',
    'typescript/no-useless-default-assignment': 'off',
    'typescript/restrict-template-expressions': 'off',
    'typescript/require-array-sort-compare': 'off',
    'typescript/unbound-method': 'off',
    'typescript/no-base-to-string': 'off',
  },
  overrides: [
    restrict(['prisma/**'], [climbing, ccxt, only('prisma', ['trading'], 'trading alone')], tests),
    restrict(['scripts/**'], [climbing, ccxt, scripts], ['scripts/print-schema.ts', ...tests]),
    restrict(['server/**'], [climbing, ccxt, server], tests),
    restrict(['worker/**'], [climbing, ccxt, worker], ['worker/exchange/**', ...tests]),
    restrict(['worker/exchange/**'], [climbing, worker], tests),
    restrict(
      ['sandbox/**'],
      [climbing, ccxt, only('sandbox', [], 'nothing of ours: it is an exchange, not a part of TradeBot')],
      tests,
    ),
    restrict(['trading/**'], [climbing, ccxt, trading], ['trading/domain/**', ...tests]),
    restrict(
      ['app/src/**'],
      [climbing, ccxt, only('app', [], 'nothing of ours but the GraphQL types generated in app/src')],
      tests,
    ),
    {
      files: ['trading/domain/**'],
      excludeFiles: tests,
      rules: {
        'tradebot/no-clock': 'error',
        'tradebot/pure-imports': 'error',
        'no-restricted-imports': ['error', { patterns: [climbing] }],
      },
    },
    {
      files: ['app/**/*.tsx', 'app/**/*.ts'],
      rules: {
        'solid/reactivity': [
          'error',
          { customReactiveFunctions: ['createPagedList', 'ask', 'onBotActivity', 'createQuery*', 'on*'] },
        ],
        'solid/no-destructure': 'error',
        'solid/prefer-for': 'error',
      },
    },
    // In a browser the console is where an error that nobody handles belongs.
    { files: ['app/src/**'], rules: { 'no-console': ['error', { allow: ['info', 'warn', 'error'] }] } },
    // Their assertions are waits in functions of their own.
    {
      files: ['**/*.e2e.ts', 'app/e2e/**', 'scripts/acceptance/**'],
      rules: { 'vitest/expect-expect': 'off' },
    },
    { files: ['scripts/setup.mjs'], rules: { 'no-console': 'off' } },
  ],
})
