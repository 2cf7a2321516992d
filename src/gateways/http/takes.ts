import type { AccessPort } from '#access/port.ts'
import type { CachedGatewayStore } from '#gateways/store/cached-gateways.ts'
import type { IdempotentRequests } from '#platform/http/idempotency.ts'
import type { Keyring } from '#platform/keys/keyring.ts'
import type { VerificationPort } from '#verification/port.ts'

/** What there is to take for the calls of auth servers and about gateways; each file picks what it needs. */
export interface GatewayTakes extends Pick<IdempotentRequests, 'answerOnce'> {
  readonly access: Pick<AccessPort, 'businesses' | 'findApplication' | 'findCaller'>
  readonly verification: Pick<VerificationPort, 'start'>
  readonly gateways: CachedGatewayStore
  readonly keys: Pick<Keyring, 'fingerprint'>
  readonly now: () => Date
  readonly publicUrl: () => string
}
