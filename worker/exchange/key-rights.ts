import type { Credentials, KeyRights } from '#trading/domain/exchange.ts'
import { makeClient, speaksBinance } from './ccxt.ts'
import type { ExchangeSettings } from './settings.ts'
import { recipeOf } from './recipes/recipes.ts'
import { makeTradingAccount } from './trading-account.ts'
import type { Venue } from './venue.ts'

/**
 * What a key may do; null where the exchange tells nobody, and its balance could be read at least. @throws VenueError, KEY_REFUSED when the
 * exchange does not take the key
 */
export async function readKeyRights(
  venue: Venue,
  credentials: Credentials,
  settings: ExchangeSettings,
  name: string | null = null,
): Promise<KeyRights | null> {
  if (speaksBinance(venue.id) || recipeOf(venue.id) !== null) {
    const account = makeTradingAccount(venue.id, credentials, settings, venue, name)
    try {
      return await account.probeRights()
    } finally {
      await account.close()
    }
  }
  const client = makeClient(venue.id, settings, credentials)
  venue.adopt(client)
  try {
    await venue.call(() => client.fetchBalance())
    return null
  } finally {
    await client.close()
  }
}
