import type { AccessPort } from '#access/port.ts'
import type { Keyring } from '#platform/keys/keyring.ts'
import type { VerificationPort } from '#verification/port.ts'
import type { VerificationNumberStore } from '#compat/message-central/store/verification-numbers.ts'

/** What there is to take for Message Central's calls. */
export interface MessageCentralTakes {
  readonly access: AccessPort
  readonly verification: VerificationPort
  readonly verificationNumbers: VerificationNumberStore
  readonly keys: Pick<Keyring, 'fingerprint'>
  readonly now: () => Date
}
