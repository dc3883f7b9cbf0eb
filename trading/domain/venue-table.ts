import { type Lookup, VENUE_RECIPES, type VenueRecipe } from './venue-recipes.ts'

/** One line an exchange, for README.md: where LIVE is offered, and what to know before. */
export function venueTable(): string {
  const exchanges = [...new Set(VENUE_RECIPES.map(({ exchange }) => exchange))]
  const rows = exchanges.map((exchange) => {
    const recipes = VENUE_RECIPES.filter((recipe) => recipe.exchange === exchange)
    const offer = (kind: VenueRecipe['kind']) => {
      const recipe = recipes.find((one) => one.kind === kind)
      return recipe === undefined ? '–' : recipe.live ? 'LIVE' : 'PAPER only'
    }
    const notes = recipes.flatMap(({ kind, note }) => (note === null ? [] : [`${KIND[kind]}: ${note}`]))
    const cells = [`\`${exchange}\``, offer('SPOT'), offer('FUTURES'), walletsOf(recipes), notes.join('. ')]
    return `| ${cells.join(' | ')} |`
  })
  return ['| exchange | spot | futures | wallets | to know |', '|---|---|---|---|---|', ...rows].join('\n')
}

/** Each recipe in full, for docs/exchanges.md. */
export function venueDetails(): string {
  return VENUE_RECIPES.map((recipe) => {
    const { expiry, lookups, nonce, createAnswers } = recipe
    const seen = lookups.map(
      ({ endpoint, by, keeps }) => `  - ${LOOKED_UP[by]} at \`${endpoint}\`, which shows it ${keeps}`,
    )
    const late = expiry === null ? 'never' : `${expiry.how}, ${expiry.longestMs / 1000} s at most`
    return [
      `## ${recipe.name}, ${KIND[recipe.kind]} (\`${recipe.exchange}\`)`,
      '',
      `${recipe.live ? 'LIVE and PAPER.' : 'PAPER only.'}${recipe.note === null ? '' : ` To know: ${recipe.note}.`}`,
      '',
      `- client order ids: ${recipe.clientOrderId.rule}`,
      '- an order whose answer was lost is looked for, in this order:',
      ...seen,
      `- creating an order answers ${createAnswers === 'IDS' ? 'ids alone; what became of it is looked up at once' : 'the order'}`,
      `- an order that arrives late expires by: ${late}`,
      `- nonce: ${NONCES[nonce]}`,
      `- protective stop: ${recipe.protectiveOrder.how}`,
      `- what its error codes mean: \`${recipe.errors}\``,
      `- fees in: ${recipe.feeCurrency}`,
      `- minimum sizes from: ${recipe.minimums}`,
      `- wallets: ${walletsOf([recipe])}`,
    ].join('\n')
  }).join('\n\n')
}

function walletsOf(recipes: readonly VenueRecipe[]): string {
  if (recipes.some(({ transfers }) => transfers)) return 'two, with transfers between them'
  return recipes.every(({ oneWallet }) => oneWallet) ? 'one' : 'two, without transfers'
}

const KIND = { SPOT: 'spot', FUTURES: 'futures' } as const
const NONCES = { TIME: 'the time', GROWING: 'a number that grows with each request of the key', NONE: 'none' }
const LOOKED_UP: Record<Lookup['by'], string> = {
  CLIENT_ID: 'by our id',
  VENUE_ID: "by the exchange's id",
  LIST: 'in the list',
}
