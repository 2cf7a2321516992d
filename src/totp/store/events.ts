import { sql } from 'kysely'
import type { FactorEventKind } from '#totp/core/event-kinds.ts'
import type { TenantTransaction } from '#platform/database/database.ts'
import type { TotpTables } from './tables.ts'

/** What happened to an authenticator app; written in the transaction in which it happens. */
export interface FactorNews {
  readonly businessId: string
  readonly factorId: string
  readonly kind: FactorEventKind
  readonly challengeId?: string
  readonly at: Date
}

/** An event that says all of it: when it is read, the app may be gone. */
export async function tellOfFactor(trx: TenantTransaction<TotpTables>, news: FactorNews): Promise<void> {
  const { businessId, factorId, kind, challengeId = null, at } = news
  await sql`
    insert into event (business_id, live, application_id, subject_kind, subject_id, part_id, kind, data, at)
    select f.business_id, n.live, n.application_id, 'factor', f.id, ${challengeId}::uuid, ${kind}::text,
      jsonb_build_object('identity', n.identity, 'factor_name', f.friendly_name), ${at}::timestamptz
    from totp_factor f
    join totp_entity n on n.business_id = f.business_id and n.id = f.entity_id
    where f.business_id = ${businessId} and f.id = ${factorId}`.execute(trx)
}
