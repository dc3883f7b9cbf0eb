export type Side = 'LONG' | 'SHORT'

/**
 * How far the price may go against an entry, in percent of it, before a position of this leverage is liquidated: long (1/leverage − mmr) /
 * (1 − mmr), short (1/leverage − mmr) / (1 + mmr), as the API checks it exactly. A long without leverage: 100, no price does it.
 */
export function liquidationDistance(side: Side, leverage: number, maintenanceMarginPerc: number): number {
  const rate = maintenanceMarginPerc / 100
  return ((1 / leverage - rate) / (side === 'LONG' ? 1 - rate : 1 + rate)) * 100
}

/** Of the sides that a direction allows, the one that is liquidated first. */
export function nearestLiquidation(
  direction: 'LONG' | 'SHORT' | 'BOTH',
  leverage: number,
  maintenanceMarginPerc: number,
): { side: Side; distance: number } {
  // The maintenance margin of a short is of a price that rose: it is always the nearer of both.
  const side = direction === 'LONG' ? 'LONG' : 'SHORT'
  return { side, distance: Math.max(0, liquidationDistance(side, leverage, maintenanceMarginPerc)) }
}

/** How far a price is from another, in percent of the other. */
export function distancePerc(from: string, to: string): number {
  return (Math.abs(Number(to) - Number(from)) / Number(from)) * 100
}
