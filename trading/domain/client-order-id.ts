/**
 * How a venue wants ids of ours. TB_34: "tb" and 32 hex digits. TB_32: "tb" and 30 (venues that take 32 letters and digits at most). HEX_32:
 * 32 hex digits, "tb" in hex first (venues that take a UUID without dashes). Each has at least 112 random bits.
 */
export type ClientIdForm = 'TB_34' | 'TB_32' | 'HEX_32'

const FORMS: Record<ClientIdForm, { prefix: string; bytes: number; pattern: RegExp }> = {
  TB_34: { prefix: 'tb', bytes: 16, pattern: /^tb[0-9a-f]{32}$/ },
  TB_32: { prefix: 'tb', bytes: 15, pattern: /^tb[0-9a-f]{30}$/ },
  HEX_32: { prefix: '7462', bytes: 14, pattern: /^7462[0-9a-f]{28}$/ },
}

/** An id of chance, which `random` gives: it serves to find an order, never to repeat it. */
export function clientOrderIdFrom(form: ClientIdForm, random: (bytes: number) => Uint8Array): string {
  const { prefix, bytes } = FORMS[form]
  return prefix + Array.from(random(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** True for an id in any of our forms. */
export function isOurClientOrderId(id: string): boolean {
  return Object.values(FORMS).some(({ pattern }) => pattern.test(id))
}
