import type { Caller } from '#platform/core/caller.ts'
import type { Verification } from '#verification/core/verification.ts'
import type { CompatTakes } from './takes.ts'

type Takes = Pick<CompatTakes, 'now' | 'verification'>

/** More pending verifications of one person than a business has applications. */
const pendingMax = 50

/** The pending verification of a recipient in the caller's application, without sending anything. */
export async function findPending(
  takes: Takes,
  { businessId, applicationId, live }: Caller,
  recipient: string,
  purpose: string,
): Promise<Verification | undefined> {
  const found = await takes.verification.list({
    businessId,
    live,
    recipient,
    isExact: true,
    purpose,
    status: 'pending',
    limit: pendingMax,
    now: takes.now(),
  })
  return found.find((verification) => verification.applicationId === applicationId)
}
