import type { VenueRecipe } from './venue-recipes.ts'

/** Kraken's two exchanges, spot and futures, which have keys of their own. */
export const KRAKEN_RECIPES: readonly VenueRecipe[] = []
