/** "BTC/USDT" and "BTC/USDT:USDT" (ccxt's unified symbols) taken apart. */
export function baseOf(symbol: string): string {
  return symbol.split('/')[0] ?? symbol
}

export function quoteOf(symbol: string): string {
  return symbol.split('/')[1]?.split(':')[0] ?? ''
}

/** "BTC/USDT:USDT": what it settles in stands behind the pair. */
export function isPerpetual(symbol: string): boolean {
  return symbol.includes(':')
}
