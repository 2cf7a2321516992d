import { sql } from 'kysely'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { TenantTransaction } from './database.ts'

/** How many of something a business may have. */
export interface Quota {
  /** What is counted, in the plural, for the answer: `senders`. */
  readonly what: string
  readonly max: number
}

/**
 * Refuses what would be one too many. Counting and adding are one step for a business: others that add the same wait for
 * the end of this transaction, so that a race passes no quota.
 */
export async function keepQuota<Tables>(
  trx: TenantTransaction<Tables>,
  businessId: string,
  { what, max }: Quota,
  count: () => Promise<number>,
): Promise<void> {
  await waitForOthers(trx, businessId, { what })
  if ((await count()) >= max) throw quotaReached({ what, max })
}

/** Until the end of this transaction the business adds nothing of what a quota counts. */
export async function waitForOthers<Tables>(
  trx: TenantTransaction<Tables>,
  businessId: string,
  { what }: Pick<Quota, 'what'>,
): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`quota ${what} ${businessId}`}, 0))`.execute(trx)
}

const quotaReached = ({ what, max }: Quota): Refusal =>
  new Refusal(platformRefusals.quota_reached, { errors: [{ path: what, problem: `There may be ${max}.` }] })
