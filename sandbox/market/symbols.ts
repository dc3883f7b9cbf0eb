/** One market: what Binance's exchangeInfo says of it, and where its synthetic price lives. */
export type SymbolSpec = {
  symbol: string
  base: string
  quote: string
  /** Decimals of a price; the tick is 10^-priceDecimals. */
  priceDecimals: number
  tick: string
  /** Decimals of a quantity; the step is 10^-quantityDecimals. */
  quantityDecimals: number
  step: string
  maxQuantity: string
  maxMarketQuantity: string
  minNotional: string
  /** The level around which the synthetic price moves. */
  basePrice: number
  /** Mean synthetic volume of a second, in base. */
  volumePerSecond: number
}

const step = (decimals: number): string => (1 / 10 ** decimals).toFixed(decimals)

const market = (
  base: string,
  quote: string,
  priceDecimals: number,
  quantityDecimals: number,
  basePrice: number,
  more: Partial<SymbolSpec> = {},
): SymbolSpec => ({
  symbol: base + quote,
  base,
  quote,
  priceDecimals,
  tick: step(priceDecimals),
  quantityDecimals,
  step: step(quantityDecimals),
  maxQuantity: '9000.00000000',
  maxMarketQuantity: '500.00000000',
  minNotional: '5.00000000',
  basePrice,
  volumePerSecond: 20_000 / basePrice,
  ...more,
})

const wide = { maxQuantity: '9000000.00000000', maxMarketQuantity: '900000.00000000' }

/** The markets that the sandbox lists, with Binance's own steps. */
export const LISTED: readonly SymbolSpec[] = [
  market('BTC', 'USDT', 2, 5, 65_000),
  market('ETH', 'USDT', 2, 4, 3_400),
  market('SOL', 'USDT', 2, 3, 160, wide),
  market('BNB', 'USDT', 2, 3, 600, wide),
  market('XRP', 'USDT', 4, 1, 2.2, wide),
  market('ETH', 'BTC', 5, 4, 0.0523, { minNotional: '0.00010000', volumePerSecond: 6, ...wide }),
]

const QUOTES = ['USDT', 'USDC', 'BTC']

/**
 * The spec of a symbol that is to be replayed: the listed one with as many price decimals as the file
 * needs, or one made up for an unlisted base against a quote that we know. Undefined: unusable symbol.
 */
export const specForReplay = (symbol: string, priceDecimals: number): SymbolSpec | undefined => {
  const listed = LISTED.find((spec) => spec.symbol === symbol)
  if (listed) {
    if (priceDecimals <= listed.priceDecimals) return listed
    return { ...listed, ...wide, priceDecimals, tick: step(priceDecimals) }
  }
  const quote = QUOTES.find((q) => symbol.endsWith(q) && symbol.length > q.length)
  if (!quote || !/^[A-Z0-9]{3,20}$/.test(symbol)) return undefined
  const base = symbol.slice(0, -quote.length)
  const minNotional = quote === 'BTC' ? '0.00010000' : '5.00000000'
  return market(base, quote, Math.max(priceDecimals, 2), 5, 1, { ...wide, minNotional })
}
