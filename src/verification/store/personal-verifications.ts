import { sql } from 'kysely'
import { accessIds } from '#access/core/ids.ts'
import { spellId } from '#platform/core/id.ts'
import type { PersonalData } from '#platform/module.ts'
import { verificationIds } from '#verification/core/ids.ts'
import { functionName } from './functions.ts'

interface Found {
  readonly id: string
  readonly application_id: string
  readonly live: boolean
  readonly recipient: string
  readonly purpose: string
  readonly locale: string
  readonly status: string
  readonly transaction: unknown
  readonly metadata: unknown
  readonly check_count: number
  readonly created_at: Date
  readonly expires_at: Date
  readonly ended_at: Date | null
  readonly deliveries: readonly unknown[] | null
}

const eraseVerifications = sql.raw(functionName('erase_verifications'))

/** Verifications and their deliveries, found by what stands for the person. */
export const personalVerifications: PersonalData = {
  name: 'verifications',
  export: (database, { businessId, modes, key, before }, after = '00000000-0000-0000-0000-000000000000', limit) =>
    database.asBusiness(businessId, async (trx) => {
      const { rows } = await sql<Found>`
        select v.id, v.application_id, v.live, v.recipient, v.purpose, v.locale, v.status, v.transaction, v.metadata,
          v.check_count, v.created_at, v.expires_at, v.ended_at, (
            select jsonb_agg(jsonb_build_object(
              'channel', d.channel, 'status', d.status, 'reason', d.failure_reason, 'provider_code', d.provider_code,
              'detail', d.detail, 'provider_message_id', d.provider_message_id, 'queued_at', d.queued_at,
              'sent_at', d.sent_at, 'delivered_at', d.delivered_at, 'read_at', d.read_at, 'failed_at', d.failed_at,
              'receipts', (
                select jsonb_agg(b.body order by b.received_at) from receipt_body b
                where b.business_id = d.business_id and b.delivery_id = d.id)
            ) order by d.id)
            from delivery d where d.business_id = v.business_id and d.code_id = v.id
          ) as deliveries
        from verification v
        where v.business_id = ${businessId} and v.person = ${key} and v.live = any(${modes}::boolean[])
          and v.id > ${after} and v.created_at <= ${before}
        order by v.id limit ${limit}`.execute(trx)
      return rows.map((found) => ({ id: found.id, item: represent(found) }))
    }),
  erase: ({ database, now }, { businessId, modes, key, before }, limit) =>
    database.asBusiness(businessId, async (trx) => {
      const { rows } = await sql<{ count: number }>`
        select ${eraseVerifications}(${now()}, ${businessId}, ${modes}::boolean[], ${key}, ${before}, ${limit}) as count`.execute(
        trx,
      )
      return (rows[0] as { count: number }).count
    }),
}

const represent = ({ id, application_id: applicationId, recipient, check_count: checks, ...found }: Found) => ({
  id: spellId(verificationIds.verification, id),
  application_id: spellId(accessIds.application, applicationId),
  live: found.live,
  to: recipient,
  purpose: found.purpose,
  locale: found.locale,
  status: found.status,
  transaction: found.transaction,
  metadata: found.metadata,
  checks,
  created_at: found.created_at.toISOString(),
  expires_at: found.expires_at.toISOString(),
  ended_at: found.ended_at?.toISOString() ?? null,
  deliveries: found.deliveries ?? [],
})
