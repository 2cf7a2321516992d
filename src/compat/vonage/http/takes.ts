import type { AccessPort } from '#access/port.ts'
import type { CachedPublicKeyStore } from '#compat/vonage/store/cached-public-keys.ts'
import type { VerificationPort } from '#verification/port.ts'

/** What there is to take for Vonage's calls; each file of them picks what it needs. */
export interface VonageTakes {
  readonly access: AccessPort
  readonly verification: VerificationPort
  readonly publicKeys: CachedPublicKeyStore
  readonly now: () => Date
  readonly publicUrl: () => string
}
