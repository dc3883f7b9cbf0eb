/** The same pair as the other kind of market writes it: "BTC/USDT" is spot, "BTC/USDT:USDT" a perpetual paid for in its quote currency. */
export function symbolOfKind(symbol: string, kind: 'SPOT' | 'FUTURES'): string {
  const [pair = '', settle] = symbol.trim().split(':')
  if (kind === 'SPOT') return pair
  const quote = pair.split('/')[1] ?? ''
  return settle !== undefined || quote === '' ? symbol : `${pair}:${quote}`
}
