import { createHmac } from 'node:crypto'
import { readBase32 } from '#totp/core/base32.ts'
import { hotp, stepAt, totpDefaults } from '#totp/core/totp.ts'

/** What an authenticator app on a phone shows; `steps` from `at`. */
export function shownCode(secret: string, steps = 0, codeLength = 6, at = new Date()): string {
  const key = readBase32(secret) as Uint8Array
  const mac = (data: Uint8Array) => createHmac('sha1', key).update(data).digest()
  return hotp(mac, stepAt(totpDefaults, at) + steps, codeLength)
}
