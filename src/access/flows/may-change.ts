import type { Caller } from '#platform/core/caller.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { accessRefusals } from '#access/core/refusals.ts'

/**
 * The one rule for whoever changes an application or what belongs to it. An application is shared by test and live: once
 * its business has a live key, only live keys may change it. By business and not by application: the vendors' APIs let
 * every key of a business verify for any application of it, so a single live key makes live traffic of them all.
 */
export async function requireMayChange(
  businesses: {
    hasLiveKey(businessId: string): Promise<boolean>
  },
  caller: Pick<Caller, 'businessId' | 'live'>,
): Promise<void> {
  if (caller.live) return
  if (await businesses.hasLiveKey(caller.businessId)) throw new Refusal(accessRefusals.live_key_required)
}
