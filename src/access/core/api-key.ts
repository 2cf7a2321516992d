/** `ck_test_…` or `ck_live_…`: the mode can be read off a key, and secret scanners know the prefix. */
export const apiKeyPattern = /^ck_(test|live)_[A-Za-z0-9_-]{8,200}$/

/**
 * A key without its punctuation: what is hashed and summed up, so that both spellings are one key. Some vendors' clients
 * take letters and digits only for a secret.
 */
export const plainSpelling = (key: string): string => key.replaceAll(/[_-]/g, '')

/** Either spelling, as it is taken where vendors' clients sign in. */
export const isKeyOfClient = (text: string): boolean =>
  apiKeyPattern.test(text) || /^ck(test|live)[A-Za-z0-9]{8,200}$/.test(text)

const checksumLength = 7

/** @param random 32 random bytes in base64url */
export function formatApiKey(live: boolean, random: string): string {
  const key = `ck_${live ? 'live' : 'test'}_${random}`
  return key + checksumOf(plainSpelling(key))
}

/**
 * Whether a key can be one of ours at all. A mistyped or invented key is told by its last seven characters, without
 * asking the database; whoever computes them gains nothing but that question.
 */
export const hasChecksum = (key: string): boolean =>
  isKeyOfClient(key) && checksumOf(plainSpelling(key.slice(0, -checksumLength))) === key.slice(-checksumLength)

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
