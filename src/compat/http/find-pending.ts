import type { Caller } from '#platform/core/caller.ts'
import type { Verification } from '#verification/core/verification.ts'
import type { Context } from '#platform/http/context.ts'

/** So many applications of one business verifying one person in one moment are more than there are. */
const pendingMax = 50

/** The pending verification of a recipient in the caller's application, without sending anything. */
export async function findPending(
  context: Context,
  { businessId, applicationId, live }: Caller,
  recipient: string,
  purpose: string,
): Promise<Verification | undefined> {
  const found = await context.verifications.list({
    businessId,
    live,
    recipient,
    purpose,
    status: 'pending',
    limit: pendingMax,
    now: context.outside.now(),
  })
  return found.find((verification) => verification.applicationId === applicationId)
}
