import { timingSafeEqual } from 'node:crypto'
import type { Caller } from '#platform/core/caller.ts'
import { customerId } from '#compat/message-central/core/credentials.ts'
import type { Keyring } from '#platform/keys/keyring.ts'

/** Message Central's own last five years, and sit in the front ends of many public repositories. */
export const tokenLastsSeconds = 600

type Keys = Pick<Keyring, 'fingerprint'>

interface Claims {
  readonly sub: string
  readonly iat: number
  readonly exp: number
  readonly caller: NamedKey
}

/** What is known of the caller is looked up again with each call. */
type NamedKey = Pick<Caller, 'businessId' | 'keyId'>

/** Kept nowhere: it says whom it stands for, and for how long, under a MAC of the server's. */
export function issueToken(keys: Keys, { businessId, keyId }: NamedKey, now: Date): string {
  const iat = Math.floor(now.getTime() / 1000)
  const claims: Claims = {
    sub: customerId(businessId),
    iat,
    exp: iat + tokenLastsSeconds,
    caller: { businessId, keyId },
  }
  const body = Buffer.from(JSON.stringify(claims)).toString('base64url')
  return `mc.${body}.${macOf(keys, body).toString('base64url')}`
}

/** Undefined for anything that was not issued here, or is over. */
export function readToken(keys: Keys, token: string, now: Date): NamedKey | undefined {
  const [prefix, body = '', mac = '', ...more] = token.split('.')
  if (prefix !== 'mc' || more.length > 0) return undefined
  const given = Buffer.from(mac, 'base64url')
  const made = macOf(keys, body)
  if (given.length !== made.length || !timingSafeEqual(given, made)) return undefined
  const { exp, caller } = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Claims
  return exp > now.getTime() / 1000 ? caller : undefined
}

const macOf = (keys: Keys, body: string): Buffer => Buffer.from(keys.fingerprint('message-central token', body))
