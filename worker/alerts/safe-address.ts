import { promises as dns } from 'node:dns'
import { BlockList, isIP } from 'node:net'

/** A receiver that TradeBot must not talk to; no later attempt would be allowed either. */
export class ForbiddenAddressError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ForbiddenAddressError'
  }
}

/** Every address that a host name stands for. */
export type Resolve = (host: string) => Promise<string[]>

/**
 * The addresses of a URL's host, each of them public unless `allowPrivate`: a webhook is any text that a user typed, and the worker stands inside
 * the network. Connect to one of the answer, not to the name: asked again, it could stand for another address.
 * @throws ForbiddenAddressError
 */
export async function checkedAddresses(
  url: URL,
  { allowPrivate, resolve }: { allowPrivate: boolean; resolve: Resolve },
): Promise<string[]> {
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new ForbiddenAddressError(`Only http and https are spoken, not ${url.protocol}`)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(host) === 0 ? await resolve(host) : [host]
  if (addresses.length === 0) throw new Error(`${host} has no address.`)
  if (!allowPrivate && addresses.some(isPrivate))
    throw new ForbiddenAddressError(
      `${host} leads to a private address, which webhooks may not reach here (TRADEBOT_ALERT_PRIVATE).`,
    )
  return addresses
}

/** Whether an address is other than public: private, loopback, link-local, shared, reserved, multicast, or one that wraps an IPv4 address. */
export function isPrivate(address: string): boolean {
  const bare = address.split('%', 1)[0] ?? address
  const version = isIP(bare)
  if (version === 4) return blocked4.check(bare, 'ipv4')
  return version !== 6 || blocked6.check(bare, 'ipv6')
}

const blocked4 = blockList('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
])

// Public IPv6 is 2000::/3 alone; of it: Teredo and documentation, 6to4.
const blocked6 = blockList('ipv6', [
  '::/3',
  '4000::/2',
  '8000::/1',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
])

function blockList(family: 'ipv4' | 'ipv6', ranges: string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [net = '', bits] = range.split('/')
    list.addSubnet(net, Number(bits), family)
  }
  return list
}

/**
 * Asks DNS without the thread pool, whose few threads everything in this process shares: names of a DNS that is dead must not hold up an order's.
 * What DNS does not know may stand in the hosts file.
 */
export const resolveHost: Resolve = async (host) => {
  const resolver = new dns.Resolver({ timeout: 3_000, tries: 2 })
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  if (found.length > 0) return found
  if (answers.some((answer) => answer.status === 'rejected' && codeOf(answer.reason) === 'ETIMEOUT'))
    throw new Error(`DNS does not answer what the address of ${host} is.`)
  try {
    return (await dns.lookup(host, { all: true })).map(({ address }) => address)
  } catch (error) {
    throw new Error(`${host} has no address in DNS (${codeOf(error)}).`, { cause: error })
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}
