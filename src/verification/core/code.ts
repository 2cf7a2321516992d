/** HMAC-SHA-256 under a key that the caller of this file never sees; 32 bytes. */
export type Mac = (data: Uint8Array) => Uint8Array

const text = new TextEncoder()

/**
 * Derives the digits of a code from the id of its verification. The code is never stored: the same id and key give
 * the same code on every channel and after every restart.
 *
 * Digits are drawn by rejection: a byte below 250 gives one unbiased digit, others are thrown away, and when the
 * 32 bytes run out the counter rises.
 */
export function deriveCode(mac: Mac, verificationId: string, codeLength: number): string {
  let digits = ''
  for (let counter = 0; digits.length < codeLength; counter++) {
    for (const byte of mac(text.encode(`code:v1:${verificationId}:${counter}`))) {
      if (byte < 250 && digits.length < codeLength) digits += String(byte % 10)
    }
  }
  return digits
}

/** The bytes whose MAC is kept: a code of one verification, bound to one transaction, is worth nothing for another. */
export const checkedBytes = (verificationId: string, binding: string, code: string): Uint8Array =>
  text.encode(`check:v1:${verificationId}:${binding}:${code}`)

const zerosOfDigits = /\p{Nd}/u

/**
 * Reads a code as people type and paste it: digits of any script, spaces, dashes and invisible marks are
 * normalised. Returns undefined when anything else is in it, for example `①②③` or `12a456`.
 */
export function normaliseCode(input: string): string | undefined {
  if (input.length > 64) return undefined
  let digits = ''
  for (const character of input) {
    if (/[\s\p{Cf}\p{Pd}\u2212]/u.test(character)) continue
    if (!zerosOfDigits.test(character)) return undefined
    digits += String(decimalValue(character))
  }
  return digits.length > 0 ? digits : undefined
}

/** Unicode keeps decimal digits in runs of ten, so the value is the distance from the start of the run. */
function decimalValue(character: string): number {
  const point = character.codePointAt(0) ?? 0
  if (point < 0x80) return point - 0x30
  // The mathematical digits are five runs back to back from U+1D7CE.
  if (point >= 0x1d7ce && point <= 0x1d7ff) return (point - 0x1d7ce) % 10
  let start = point
  while (point - start < 9 && zerosOfDigits.test(String.fromCodePoint(start - 1))) start--
  return point - start
}
