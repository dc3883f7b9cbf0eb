/** Decimals of the API as people read them. Strings all the way: a float would lose the last digits of money. */

type Parts = { negative: boolean; whole: string; fraction: string }

const minus = '\u2212'
const group = ','

/** Currencies whose amounts people read with two decimals. */
const twoDecimals = new Set([
  'USD',
  'USDT',
  'USDC',
  'FDUSD',
  'TUSD',
  'BUSD',
  'DAI',
  'EUR',
  'GBP',
  'CHF',
  'AUD',
  'CAD',
  'TRY',
])

/** All digits, grouped: "1234567.125" is "1,234,567.125". What is not a decimal comes back as it is. */
export function formatExact(value: string): string {
  const parts = parse(value)
  return parts ? print(parts) : value
}

/** An amount of money: two decimals for dollar-like currencies, more where two would show nothing. */
export function formatMoney(value: string, currency: string): string {
  const parts = parse(value)
  if (!parts) return value
  const places = twoDecimals.has(currency) ? 2 : 8
  return print(roundParts(parts, placesThatShow(parts, places), places === 2 ? 2 : 0))
}

/** Money with its sign always shown: "+12.30", "−4.00", "0.00". */
export function formatSignedMoney(value: string, currency: string): string {
  const text = formatMoney(value, currency)
  return signOf(value) > 0 ? `+${text}` : text
}

/** A price: seven significant digits, and at least two decimals above one. */
export function formatPrice(value: string): string {
  const parts = parse(value)
  if (!parts) return value
  const places = parts.whole === '0' ? leadingZeros(parts.fraction) + 5 : Math.max(2, 7 - parts.whole.length)
  return print(roundParts(parts, places, parts.whole === '0' ? 0 : 2))
}

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })

/** A large figure in short, to compare by: "1.23B", "940K". */
export function formatCompact(value: string): string {
  return parse(value) ? compact.format(Number(value)) : value
}

/** -1, 0 or 1; 0 for what is not a decimal. */
export function signOf(value: string): -1 | 0 | 1 {
  const parts = parse(value)
  if (!parts || !/[1-9]/.test(parts.whole + parts.fraction)) return 0
  return parts.negative ? -1 : 1
}

/** Rounds half away from zero to so many decimals, in plain notation without trailing zeros. */
export function roundDecimal(value: string, places: number): string {
  const parts = parse(value)
  if (!parts) return value
  const rounded = roundParts(parts, places, 0)
  const digits = rounded.fraction === '' ? rounded.whole : `${rounded.whole}.${rounded.fraction}`
  return rounded.negative ? `-${digits}` : digits
}

/** Whether the text is a decimal that the API takes: plain notation, a point, no exponent, no grouping. */
export function isDecimalInput(text: string): boolean {
  return parse(text) !== undefined
}

function parse(value: string): Parts | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(value)
  if (!match) return undefined
  const [, sign, whole = '', fraction = ''] = match
  return { negative: sign === '-', whole: whole.replace(/^0+(?=\d)/, ''), fraction }
}

function roundParts(parts: Parts, places: number, atLeast: number): Parts {
  const kept = parts.fraction.slice(0, places).padEnd(places, '0')
  const roundsUp = (parts.fraction[places] ?? '0') >= '5'
  const scaled = BigInt(parts.whole + kept) + (roundsUp ? 1n : 0n)
  const digits = scaled.toString().padStart(places + 1, '0')
  const whole = digits.slice(0, digits.length - places)
  const fraction = trimZeros(digits.slice(digits.length - places), atLeast)
  return { negative: parts.negative && scaled !== 0n, whole, fraction }
}

/** Enough decimals that a small amount does not read as zero: three significant digits of it. */
function placesThatShow(parts: Parts, places: number): number {
  if (parts.whole !== '0') return places
  const zeros = leadingZeros(parts.fraction)
  return zeros >= places && zeros < parts.fraction.length ? Math.min(zeros + 3, 18) : places
}

function leadingZeros(fraction: string): number {
  return fraction.length - fraction.replace(/^0+/, '').length
}

function trimZeros(fraction: string, atLeast: number): string {
  let end = fraction.length
  while (end > atLeast && fraction[end - 1] === '0') end--
  return fraction.slice(0, end)
}

function print({ negative, whole, fraction }: Parts): string {
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group)
  return `${negative ? minus : ''}${grouped}${fraction === '' ? '' : `.${fraction}`}`
}
