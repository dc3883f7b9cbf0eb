import { KRAKEN } from './kraken.ts'
import { KRAKENFUTURES } from './krakenfutures.ts'
import { BYBIT } from './bybit.ts'
import { OKX } from './okx.ts'
import type { Recipe } from './recipe.ts'

const RECIPES: Record<string, Recipe> = {
  bybit: BYBIT,
  kraken: KRAKEN,
  krakenfutures: KRAKENFUTURES,
  okx: OKX,
}

/** The recipe of a venue that ccxt's own class is used for; null: orders are not supported there. */
export function recipeOf(exchangeId: string): Recipe | null {
  return Object.hasOwn(RECIPES, exchangeId) ? (RECIPES[exchangeId] ?? null) : null
}
