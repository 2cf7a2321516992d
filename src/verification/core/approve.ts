import type { Verification } from './verification.ts'

/** A verification as one application in one mode may name it. */
export type ApprovalKey = Pick<Verification, 'businessId' | 'applicationId' | 'live' | 'id'>

export type ApprovalOutcome = 'approved' | 'verification_closed' | 'verification_expired' | 'bound_to_transaction'

/**
 * The rule of an approval by the business's word, which checked its own code elsewhere. It spends no check and touches
 * no budget. A verification that is bound to an amount and a payee needs the code: the word says neither of them.
 */
export function decideApproval(
  { status, expiresAt, transaction }: Pick<Verification, 'status' | 'expiresAt' | 'transaction'>,
  now: Date,
): ApprovalOutcome {
  if (status === 'expired') return 'verification_expired'
  if (status !== 'pending') return 'verification_closed'
  if (expiresAt <= now) return 'verification_expired'
  return transaction === undefined ? 'approved' : 'bound_to_transaction'
}
