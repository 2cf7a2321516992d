import { sql } from 'kysely'
import type { TenantTransaction } from '#platform/database/database.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'

/** What happened to an authenticator app; written in the transaction in which it happens. */
export interface FactorNews {
  readonly businessId: string
  readonly factorId: string
  readonly kind: 'factor.created' | 'factor.verified' | 'factor.deleted' | 'challenge.approved'
  readonly challengeId?: string
  readonly at: Date
}

/** An event that says all of it (`FactorEventData`): when it is sent, the app may be gone. */
export async function tellOfFactor(trx: TenantTransaction, news: FactorNews): Promise<void> {
  const { businessId, factorId, kind, challengeId = null, at } = news
  await sql`
    insert into event (business_id, verification_id, kind, data, at)
    select f.business_id, ${uuidv7(at.getTime())}::uuid, ${kind}::text, jsonb_strip_nulls(jsonb_build_object(
      'live', n.live, 'application_id', n.application_id, 'identity', n.identity,
      'factor_id', f.id, 'factor_name', f.friendly_name, 'challenge_id', ${challengeId}::uuid)), ${at}::timestamptz
    from totp_factor f
    join totp_entity n on n.business_id = f.business_id and n.id = f.entity_id
    where f.business_id = ${businessId} and f.id = ${factorId}`.execute(trx)
}
