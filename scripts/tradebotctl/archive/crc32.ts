/** CRC-32 as gzip uses it, continued from `crc`; node:zlib has its own only since Node 20.15. */
export function crc32(bytes: Buffer, crc = 0): number {
  let value = ~crc
  for (let index = 0; index < bytes.length; index++)
    value = (TABLE[(value ^ (bytes[index] ?? 0)) & 0xff] ?? 0) ^ (value >>> 8)
  return ~value >>> 0
}

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})
