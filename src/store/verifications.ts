import { type Selectable, sql } from 'kysely'
import type { Channel, FailureReason } from '#core/messaging/channel.ts'
import type { DeliveryKey } from '#core/verification/engine.ts'
import type { Policy, WorkflowStep } from '#core/verification/policy.ts'
import { recentSends } from '#core/verification/start.ts'
import type {
  Delivery,
  DeliveryStatus,
  Transaction,
  Verification,
  VerificationStatus,
} from '#core/verification/verification.ts'
import type { Database, TenantTransaction } from './database.ts'
import type { Tables } from './tables.ts'

/** Reads of verifications, always as one business and one mode. */
export class VerificationStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async find(businessId: string, id: string, now: Date, live?: boolean): Promise<Verification | undefined> {
    const [found] = await this.#database.asBusiness(businessId, (trx) =>
      withDeliveries(
        trx,
        selectVerifications(trx)
          .where('v.business_id', '=', businessId)
          .where('v.id', '=', id)
          .$if(live !== undefined, (query) => query.where('v.live', '=', live as boolean)),
        now,
      ),
    )
    return found
  }

  /** The verification of a message that a provider knows by its own id. */
  async findByMessage(senderId: string, providerMessageId: string): Promise<DeliveryKey | undefined> {
    const found = await this.#database.asEngine((trx) =>
      trx
        .selectFrom('delivery')
        .select(['business_id', 'verification_id'])
        .where('provider_message_id', '=', providerMessageId)
        .where('sender_id', '=', senderId)
        .executeTakeFirst(),
    )
    return found && { businessId: found.business_id, id: found.verification_id }
  }

  /** Newest first; `before` is the id of the last one of the page before. */
  async list(filter: VerificationFilter): Promise<Verification[]> {
    const { businessId, live, now } = filter
    return this.#database.asBusiness(businessId, (trx) => {
      const query = selectVerifications(trx)
        .where('v.business_id', '=', businessId)
        .where('v.live', '=', live)
        .$if(filter.recipient !== undefined, (q) => q.where('v.recipient', '=', filter.recipient as string))
        .$if(filter.before !== undefined, (q) => q.where('v.id', '<', filter.before as string))
        .$if(filter.purpose !== undefined, (q) => q.where('v.purpose', '=', filter.purpose as string))
        // A pending one whose time is over is shown as expired before its timer has run.
        .$if(filter.status === 'pending', (q) => q.where('v.status', '=', 'pending').where('v.expires_at', '>', now))
        .$if(filter.status === 'expired', (q) =>
          q.where((or) =>
            or.or([
              or('v.status', '=', 'expired'),
              or.and([or('v.status', '=', 'pending'), or('v.expires_at', '<=', now)]),
            ]),
          ),
        )
        .$if(filter.status !== undefined && !['pending', 'expired'].includes(filter.status), (q) =>
          q.where('v.status', '=', filter.status as string),
        )
        .orderBy('v.id', 'desc')
        .limit(filter.limit)
      return withDeliveries(trx, query, now)
    })
  }
}

export interface VerificationFilter {
  readonly businessId: string
  readonly live: boolean
  readonly recipient?: string | undefined
  readonly purpose?: string | undefined
  readonly status?: VerificationStatus | undefined
  readonly before?: string | undefined
  readonly limit: number
  readonly now: Date
}

const selectVerifications = (trx: TenantTransaction) =>
  trx
    .selectFrom('verification as v')
    .leftJoin('recipient as r', (join) =>
      join.onRef('r.business_id', '=', 'v.business_id').onRef('r.recipient', '=', 'v.recipient'),
    )
    .selectAll('v')
    .select('r.sent_at')

type FoundVerification = Awaited<ReturnType<ReturnType<typeof selectVerifications>['execute']>>[number]

async function withDeliveries(
  trx: TenantTransaction,
  query: ReturnType<typeof selectVerifications>,
  now: Date,
): Promise<Verification[]> {
  const found = await query.execute()
  if (found.length === 0) return []
  const deliveries = await trx
    .selectFrom('delivery')
    .selectAll()
    .where('business_id', '=', (found[0] as FoundVerification).business_id)
    .where('verification_id', '=', sql<string>`any(${found.map(({ id }) => id)}::uuid[])`)
    .orderBy('id')
    .execute()
  const byVerification = Map.groupBy(deliveries, (delivery) => delivery.verification_id)
  return found.map((one) => readVerification(one, (byVerification.get(one.id) ?? []).map(readDelivery), now))
}

const readVerification = (found: FoundVerification, deliveries: Delivery[], now: Date): Verification => ({
  businessId: found.business_id,
  id: found.id,
  applicationId: found.application_id,
  live: found.live,
  recipient: found.recipient,
  purpose: found.purpose,
  locale: found.locale,
  status: found.status as VerificationStatus,
  checkCount: found.check_count,
  checkCountMax: found.check_count_max,
  policy: found.policy as Policy,
  workflow: found.workflow as WorkflowStep[],
  stepIndex: found.step_index,
  revision: found.revision,
  ...(found.transaction !== null && { transaction: found.transaction as Transaction }),
  ...(found.metadata !== null && { metadata: found.metadata as Record<string, unknown> }),
  createdAt: found.created_at,
  expiresAt: found.expires_at,
  ...(found.ended_at && { endedAt: found.ended_at }),
  deliveries,
  sentRecently: recentSends(found.sent_at ?? [], now),
})

type FoundDelivery = Selectable<Tables['delivery']>

const readDelivery = (found: FoundDelivery): Delivery => ({
  id: found.id,
  stepIndex: found.step_index,
  channel: found.channel as Channel,
  senderId: found.sender_id,
  status: found.status as DeliveryStatus,
  ...(found.failure_reason !== null && { failureReason: found.failure_reason as FailureReason }),
  ...(found.provider_code !== null && { providerCode: found.provider_code }),
  ...(found.detail !== null && { detail: found.detail }),
  queuedAt: found.queued_at,
  ...(found.sent_at && { sentAt: found.sent_at }),
  ...(found.delivered_at && { deliveredAt: found.delivered_at }),
  ...(found.read_at && { readAt: found.read_at }),
  ...(found.failed_at && { failedAt: found.failed_at }),
})
