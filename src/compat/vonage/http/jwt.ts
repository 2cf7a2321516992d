import { createPublicKey, verify } from 'node:crypto'
import type { PublicKey } from '#compat/vonage/core/public-key.ts'
import { uuidPattern } from '#compat/vonage/core/uuid.ts'

/** Clocks of servers differ; more than this is a fault of one of them. */
const skewSeconds = 60
/** Vonage's own limit for a token. */
const lifeMaxSeconds = 24 * 3600

interface Claims {
  readonly application_id?: unknown
  readonly iat?: unknown
  readonly exp?: unknown
  readonly nbf?: unknown
  readonly jti?: unknown
}

interface Token {
  readonly applicationId: string
  readonly claims: Claims
  /** What was signed, and the signature. */
  readonly signed: string
  readonly signature: Buffer
}

/**
 * A JWT as Vonage's clients make them (RFC 7519, RS256), before its signature is looked at. Undefined when it is none:
 * another algorithm is none, whatever the token says of itself.
 */
export function readToken(text: string): Token | undefined {
  const [head, body, signature, ...more] = text.split('.')
  if (!head || !body || !signature || more.length > 0) return undefined
  const header = readJson(head)
  const claims = readJson(body)
  if (header?.['alg'] !== 'RS256' || 'crit' in header || !claims) return undefined
  const id = claims['application_id']
  if (typeof id !== 'string' || !uuidPattern.test(id.toLowerCase())) return undefined
  return {
    applicationId: id.toLowerCase(),
    claims,
    signed: `${head}.${body}`,
    signature: Buffer.from(signature, 'base64url'),
  }
}

/** The key that signed it: it tells the mode. */
export function findSigner(token: Token, keys: readonly PublicKey[], now: Date): PublicKey | undefined {
  if (!isCurrent(token.claims, Math.floor(now.getTime() / 1000))) return undefined
  return keys.find(({ pem }) => verify('RSA-SHA256', Buffer.from(token.signed), createPublicKey(pem), token.signature))
}

/**
 * `jti` has to be there, and may come again: clients send one token for as long as it lasts, and so does Vonage take
 * it.
 */
function isCurrent({ iat, exp, nbf, jti }: Claims, nowSeconds: number): boolean {
  if (typeof iat !== 'number' || typeof jti !== 'string' || jti === '') return false
  // Without an `exp` Vonage gives a token fifteen minutes.
  const until = exp === undefined ? iat + 900 : exp
  if (typeof until !== 'number' || (nbf !== undefined && typeof nbf !== 'number')) return false
  return (
    iat <= nowSeconds + skewSeconds &&
    (nbf ?? iat) <= nowSeconds + skewSeconds &&
    until > nowSeconds - skewSeconds &&
    until - iat <= lifeMaxSeconds
  )
}

function readJson(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
