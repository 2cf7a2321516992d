import { sql } from 'kysely'
import type { DeliveryKey } from '#verification/core/engine.ts'
import type { Verification, VerificationStatus } from '#verification/core/verification.ts'
import type { Database, TenantTransaction } from '#platform/database/database.ts'
import { countSendings, listSendings, type Sending, type SendingFilter } from './sendings.ts'
import { type FoundVerification, readDelivery, readVerification } from './verification-rows.ts'
import type { People } from '#platform/keys/people.ts'
import type { VerificationTables } from './tables.ts'

/** Reads of verifications, always as one business and one mode. */
export class VerificationStore {
  readonly #database: Database<VerificationTables>
  readonly #people: People

  constructor(database: Database, people: People) {
    this.#people = people
    this.#database = database.of<VerificationTables>()
  }

  /** The code of a message that a provider knows by its own id. */
  async findCodeOfMessage(senderId: string, providerMessageId: string): Promise<DeliveryKey | undefined> {
    const found = await this.#database.asEngine((trx) =>
      trx
        .selectFrom('delivery')
        .select(['business_id', 'code_id'])
        .where('provider_message_id', '=', providerMessageId)
        .where('sender_id', '=', senderId)
        // A provider that begins its ids anew means the newest.
        .orderBy('id', 'desc')
        .executeTakeFirst(),
    )
    return found && { businessId: found.business_id, id: found.code_id }
  }

  /** Messages as they were sent, newest first; `before` as for verifications. */
  async listSendings(filter: SendingFilter & { readonly before?: string; readonly limit: number }): Promise<Sending[]> {
    return this.#database.asBusiness(filter.businessId, (trx) => listSendings(trx, this.#people, filter))
  }

  async countSendings(filter: SendingFilter): Promise<{ readonly all: number; readonly converted: number }> {
    return this.#database.asBusiness(filter.businessId, (trx) => countSendings(trx, this.#people, filter))
  }

  /** Newest first; `before` is the id of the last one of the page before. */
  async list(filter: VerificationFilter): Promise<Verification[]> {
    const { businessId, live, now } = filter
    return this.#database.asBusiness(businessId, (trx) => {
      const query = selectVerifications(trx)
        .where('v.business_id', '=', businessId)
        .where('v.live', '=', live)
        .$if(filter.applicationId !== undefined, (q) =>
          q.where('v.application_id', '=', filter.applicationId as string),
        )
        .$if(filter.recipient !== undefined, (q) =>
          q.where('v.person', '=', this.#people.keyOf(businessId, filter.recipient as string)),
        )
        .$if(filter.isExact === true, (q) => q.where('v.recipient', '=', filter.recipient as string))
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
  readonly applicationId?: string | undefined
  readonly live: boolean
  /** The person of this address. */
  readonly recipient?: string | undefined
  /** And of theirs only this address. */
  readonly isExact?: boolean | undefined
  readonly purpose?: string | undefined
  readonly status?: VerificationStatus | undefined
  readonly before?: string | undefined
  readonly limit: number
  readonly now: Date
}

const selectVerifications = (trx: TenantTransaction<VerificationTables>) =>
  trx
    .selectFrom('verification as v')
    .leftJoin('recipient as r', (join) =>
      join
        .onRef('r.business_id', '=', 'v.business_id')
        .onRef('r.live', '=', 'v.live')
        .onRef('r.person', '=', 'v.person'),
    )
    .leftJoin('verification as c', (join) =>
      join.onRef('c.business_id', '=', 'v.business_id').onRef('c.id', '=', 'v.code_id').onRef('c.id', '<>', 'v.id'),
    )
    .selectAll('v')
    .select([
      'r.sent_at',
      'c.workflow as code_workflow',
      'c.step_index as code_step_index',
      'c.revision as code_revision',
      sql<Date | null>`coalesce(c.code_ended_at, v.code_ended_at)`.as('code_over_at'),
    ])

async function withDeliveries(
  trx: TenantTransaction<VerificationTables>,
  query: ReturnType<typeof selectVerifications>,
  now: Date,
): Promise<Verification[]> {
  const found = await query.execute()
  if (found.length === 0) return []
  const deliveries = await trx
    .selectFrom('delivery')
    .selectAll()
    .where('business_id', '=', (found[0] as FoundVerification).business_id)
    .where('code_id', '=', sql<string>`any(${found.map(({ code_id }) => code_id)}::uuid[])`)
    .orderBy('id')
    .execute()
  const byCode = Map.groupBy(deliveries, (delivery) => delivery.code_id)
  return found.map((one) => readVerification(one, (byCode.get(one.code_id) ?? []).map(readDelivery), now))
}
