import { asciiDigits, withoutInvisible } from '#platform/core/digits.ts'

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

/**
 * Reads a code as people type and paste it: digits of any script, spaces, dashes and invisible marks are
 * normalised. Returns undefined when anything else is in it, for example `①②③` or `12a456`.
 */
export function normaliseCode(input: string): string | undefined {
  if (input.length > 64) return undefined
  const digits = asciiDigits(withoutInvisible(input).replaceAll(/[\s\p{Pd}\u2212]/gu, ''))
  return /^[0-9]+$/.test(digits) ? digits : undefined
}
