import type { accessRefusals } from '#access/core/refusals.ts'
import type { messagingRefusals } from '#messaging/core/refusals.ts'
import type { platformRefusals } from '#platform/core/refusals.ts'
import type { verificationRefusals } from '#verification/core/refusals.ts'

/** The codes that a vendor's call may be refused with: those of the modules it stands on. */
export type RefusalCode =
  | keyof typeof accessRefusals
  | keyof typeof messagingRefusals
  | keyof typeof platformRefusals
  | keyof typeof verificationRefusals
