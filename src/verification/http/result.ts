import { spellId } from '#platform/core/id.ts'
import { statusAt, type Verification } from '#verification/core/verification.ts'
import type { Keyring } from '#platform/keys/keyring.ts'
import { accessIds } from '#access/core/ids.ts'
import { verificationIds } from '#verification/core/ids.ts'

export type ResultKeys = Pick<Keyring, 'currentVersion' | 'sign' | 'publicKeys'>

const resultLastsSeconds = 300

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/**
 * How a verification stands, for the business's own server: a JWT (RFC 7519) signed with EdDSA (RFC 8037), verified with
 * `/.well-known/jwks.json`. It travels through the person's browser, so nothing in it may be believed unverified, and the
 * number (`sub`) is in it only once it is proven: whoever holds the page need not be its owner.
 */
export function signResult(
  keys: ResultKeys,
  issuer: string,
  verification: Verification,
  /** By it the business knows its own session again, and takes a result once. */
  nonce: string | undefined,
  now: Date,
): string {
  const issuedAt = Math.floor(now.getTime() / 1000)
  const status = statusAt(verification, now)
  const id = spellId(verificationIds.verification, verification.id)
  const head = encode({ alg: 'EdDSA', typ: 'JWT', kid: keyId(keys.currentVersion) })
  const claims = encode({
    iss: issuer,
    aud: spellId(accessIds.application, verification.applicationId),
    ...(status === 'approved' && { sub: verification.recipient }),
    jti: id,
    ...(nonce !== undefined && { nonce }),
    iat: issuedAt,
    exp: issuedAt + resultLastsSeconds,
    verification_id: id,
    status,
    purpose: verification.purpose,
    test: !verification.live,
    ...(verification.transaction && { transaction: verification.transaction }),
  })
  const signature = keys.sign(Buffer.from(`${head}.${claims}`))
  return `${head}.${claims}.${Buffer.from(signature).toString('base64url')}`
}

/** RFC 7517 §5. */
export const keySet = (keys: Pick<ResultKeys, 'publicKeys'>) => ({
  keys: [...keys.publicKeys].map(([version, x]) => ({
    kty: 'OKP',
    crv: 'Ed25519',
    use: 'sig',
    alg: 'EdDSA',
    kid: keyId(version),
    x,
  })),
})

const keyId = (version: number): string => `centang-${version}`
