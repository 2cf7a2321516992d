import { Refusal } from '#platform/core/refusal.ts'
import { decideApproval } from '#verification/core/approve.ts'
import type { Verification } from '#verification/core/verification.ts'
import { notOffered } from './errors.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { verificationRefusals } from '#verification/core/refusals.ts'
import type { TwilioTakes } from './takes.ts'

type Takes = Pick<TwilioTakes, 'now' | 'verification'>

/** By the business's word: it checked a code of its own elsewhere. Answers the verification as it stands then. */
export async function approveByWord(takes: Takes, verification: Verification): Promise<Verification> {
  const isApproved = await takes.verification.approve(verification, takes.now())
  const after = (await takes.verification.load(verification)) ?? verification
  if (isApproved) return after
  const outcome = decideApproval(after, takes.now())
  if (outcome === 'bound_to_transaction') {
    throw notOffered('a verification with an amount and a payee is approved by its code only')
  }
  // Open again in this moment would mean that the statement and the rule differ; nothing was decided, so ask again.
  throw outcome === 'approved'
    ? new Refusal(platformRefusals.busy, { retryAfterSeconds: 1 })
    : new Refusal(verificationRefusals[outcome])
}
