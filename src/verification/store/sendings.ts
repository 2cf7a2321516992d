import { sql } from 'kysely'
import type { Channel } from '#platform/core/channel.ts'
import type { DeliveryStatus } from '#platform/core/delivery-status.ts'
import type { VerificationStatus } from '#verification/core/verification.ts'
import type { TenantTransaction } from '#platform/database/database.ts'
import { personOf } from '#platform/core/person.ts'
import type { VerificationTables } from './tables.ts'

export interface SendingFilter {
  readonly businessId: string
  readonly live: boolean
  readonly id?: string | undefined
  readonly applicationId?: string | undefined
  readonly verificationId?: string | undefined
  /** The person of this address. */
  readonly recipient?: string | undefined
  /** Any of them. */
  readonly recipientPrefixes?: readonly string[] | undefined
  readonly channel?: Channel | undefined
  readonly isConverted?: boolean | undefined
  readonly sentAfter?: Date | undefined
  readonly sentBefore?: Date | undefined
}

/** One message with what it was sent for. */
export interface Sending {
  readonly id: string
  readonly verificationId: string
  readonly applicationId: string
  readonly verificationStatus: VerificationStatus
  readonly recipient: string
  readonly locale: string
  readonly codeLength: number
  readonly channel: Channel
  readonly status: DeliveryStatus
  readonly providerCode: string | null
  readonly queuedAt: Date
  readonly updatedAt: Date
}

export async function listSendings(
  trx: TenantTransaction<VerificationTables>,
  filter: SendingFilter & { readonly before?: string; readonly limit: number },
): Promise<Sending[]> {
  const found = await filtered(trx, filter)
    .$if(filter.before !== undefined, (q) => q.where('d.id', '<', filter.before as string))
    .select([
      'd.id',
      'd.verification_id',
      'v.application_id',
      'v.status as verification_status',
      'v.recipient',
      'v.locale',
      'v.code_length',
      'd.channel',
      'd.status',
      'd.provider_code',
      'd.queued_at',
      sql<Date>`greatest(d.queued_at, d.sent_at, d.delivered_at, d.read_at, d.failed_at, v.ended_at)`.as('updated_at'),
    ])
    .orderBy('d.id', 'desc')
    .limit(filter.limit)
    .execute()
  return found.map((one) => ({
    id: one.id,
    verificationId: one.verification_id,
    applicationId: one.application_id,
    verificationStatus: one.verification_status as VerificationStatus,
    recipient: one.recipient,
    locale: one.locale,
    codeLength: one.code_length,
    channel: one.channel as Channel,
    status: one.status as DeliveryStatus,
    providerCode: one.provider_code,
    queuedAt: one.queued_at,
    updatedAt: one.updated_at,
  }))
}

export async function countSendings(
  trx: TenantTransaction<VerificationTables>,
  filter: SendingFilter,
): Promise<{ readonly all: number; readonly converted: number }> {
  const { all, converted } = await filtered(trx, filter)
    .select([
      sql<string>`count(*)`.as('all'),
      sql<string>`count(*) filter (where v.status = 'approved')`.as('converted'),
    ])
    .executeTakeFirstOrThrow()
  return { all: Number(all), converted: Number(converted) }
}

const filtered = (trx: TenantTransaction<VerificationTables>, filter: SendingFilter) =>
  trx
    .selectFrom('delivery as d')
    .innerJoin('verification as v', (join) =>
      join.onRef('v.business_id', '=', 'd.business_id').onRef('v.id', '=', 'd.verification_id'),
    )
    .where('d.business_id', '=', filter.businessId)
    .where('v.live', '=', filter.live)
    .$if(filter.id !== undefined, (q) => q.where('d.id', '=', filter.id as string))
    .$if(filter.applicationId !== undefined, (q) => q.where('v.application_id', '=', filter.applicationId as string))
    .$if(filter.verificationId !== undefined, (q) => q.where('d.verification_id', '=', filter.verificationId as string))
    .$if(filter.recipient !== undefined, (q) => q.where('v.person', '=', personOf(filter.recipient as string)))
    .$if(filter.recipientPrefixes !== undefined, (q) =>
      q.where(
        sql<boolean>`exists (select from unnest(${filter.recipientPrefixes}::text[]) prefix where starts_with(v.recipient, prefix))`,
      ),
    )
    .$if(filter.channel !== undefined, (q) => q.where('d.channel', '=', filter.channel as string))
    .$if(filter.isConverted !== undefined, (q) => q.where('v.status', filter.isConverted ? '=' : '<>', 'approved'))
    .$if(filter.sentAfter !== undefined, (q) => q.where('d.queued_at', '>=', filter.sentAfter as Date))
    .$if(filter.sentBefore !== undefined, (q) => q.where('d.queued_at', '<=', filter.sentBefore as Date))
