import type { AccessPort } from '#access/port.ts'
import type { VerificationPort } from '#verification/port.ts'

/** What the files that vendors share pick from. */
export interface CompatTakes {
  readonly access: AccessPort
  readonly verification: VerificationPort
  readonly now: () => Date
}
