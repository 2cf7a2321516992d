import { Refusal } from '#platform/core/refusal.ts'
import { decideApproval } from '#verification/core/approve.ts'
import type { Verification } from '#verification/core/verification.ts'
import type { Context } from '#platform/http/context.ts'
import { notOffered } from './errors.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import { verificationRefusals } from '#verification/core/refusals.ts'

/** By the business's word: it checked a code of its own elsewhere. Answers the verification as it stands then. */
export async function approveByWord(context: Context, verification: Verification): Promise<Verification> {
  const { outside } = context
  const isApproved = await context.approveByBusiness(verification, outside.now())
  const after = (await outside.engine.load(verification)) ?? verification
  if (isApproved) return after
  const outcome = decideApproval(after, outside.now())
  if (outcome === 'bound_to_transaction') {
    throw notOffered('a verification with an amount and a payee is approved by its code only')
  }
  // Open again in this moment would mean that the statement and the rule differ; nothing was decided, so ask again.
  throw outcome === 'approved'
    ? new Refusal(platformRefusals.busy, { retryAfterSeconds: 1 })
    : new Refusal(verificationRefusals[outcome])
}
