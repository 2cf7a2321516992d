/** `ck_test_…` or `ck_live_…`: the mode can be read off a key, and secret scanners know the prefix. */
export const apiKeyPattern = /^ck_(test|live)_[A-Za-z0-9_-]{8,200}$/

const checksumLength = 7

/** @param random 32 random bytes in base64url */
export function formatApiKey(live: boolean, random: string): string {
  const key = `ck_${live ? 'live' : 'test'}_${random}`
  return key + checksumOf(key)
}

/**
 * Whether a key can be one of ours at all. A mistyped or invented key is told by its last seven characters, without
 * asking the database; whoever computes them gains nothing but that question.
 */
export const hasChecksum = (key: string): boolean =>
  apiKeyPattern.test(key) && checksumOf(key.slice(0, -checksumLength)) === key.slice(-checksumLength)

/** CRC-32 (ISO-HDLC) of the characters, in base 36. */
function checksumOf(text: string): string {
  let crc = 0xffffffff
  for (let index = 0; index < text.length; index++) {
    crc = (crc >>> 8) ^ (crcTable[(crc ^ text.charCodeAt(index)) & 0xff] as number)
  }
  return ((crc ^ 0xffffffff) >>> 0).toString(36).padStart(checksumLength, '0')
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc
})
