import { forgottenAtOnce } from '#compat/twilio/core/rate-limits.ts'
import { type Selectable, sql } from 'kysely'
import type { Database } from '#platform/database/database.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import type { TwilioTables } from './tables.ts'

export interface RateLimit {
  readonly id: string
  readonly applicationId: string
  readonly uniqueName: string
  readonly description: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface RateLimitBucket {
  readonly id: string
  readonly rateLimitId: string
  readonly countMax: number
  readonly intervalSeconds: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface RateLimitOwner {
  readonly businessId: string
  readonly applicationId: string
}

/** Limits on starts that a business sets on values of its own. */
export class RateLimitStore {
  readonly #database: Database<TwilioTables>

  constructor(database: Database) {
    this.#database = database.of<TwilioTables>()
  }

  /** Undefined: there is one of that name. */
  async create(
    { businessId, applicationId }: RateLimitOwner,
    limit: { readonly uniqueName: string; readonly description: string | null },
    now: Date,
  ): Promise<RateLimit | undefined> {
    const row = {
      business_id: businessId,
      id: uuidv7(now.getTime()),
      application_id: applicationId,
      unique_name: limit.uniqueName,
      description: limit.description,
      created_at: now,
      updated_at: now,
    }
    const made = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .insertInto('rate_limit')
        .values(row)
        .onConflict((conflict) => conflict.columns(['business_id', 'application_id', 'unique_name']).doNothing())
        .returningAll()
        .executeTakeFirst(),
    )
    return made && readLimit(made)
  }

  async list({ businessId, applicationId }: RateLimitOwner): Promise<RateLimit[]> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('rate_limit')
        .selectAll()
        .where('business_id', '=', businessId)
        .where('application_id', '=', applicationId)
        .orderBy('id')
        .execute(),
    )
    return found.map(readLimit)
  }

  async describe(businessId: string, id: string, description: string, now: Date): Promise<RateLimit | undefined> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .updateTable('rate_limit')
        .set({ description, updated_at: now })
        .where('business_id', '=', businessId)
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst(),
    )
    return found && readLimit(found)
  }

  async delete(businessId: string, id: string): Promise<void> {
    await this.#database.asBusiness(businessId, (trx) =>
      trx.deleteFrom('rate_limit').where('business_id', '=', businessId).where('id', '=', id).execute(),
    )
  }

  /** Makes a bucket, or changes the one of the id. */
  async putBucket(
    businessId: string,
    bucket: Pick<RateLimitBucket, 'rateLimitId' | 'countMax' | 'intervalSeconds'> & { readonly id?: string },
    now: Date,
  ): Promise<RateLimitBucket> {
    const values = { count_max: bucket.countMax, interval_seconds: bucket.intervalSeconds, updated_at: now }
    const { id = uuidv7(now.getTime()), rateLimitId } = bucket
    const put = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .insertInto('rate_limit_bucket')
        .values({ business_id: businessId, id, rate_limit_id: rateLimitId, created_at: now, ...values })
        .onConflict((conflict) => conflict.columns(['business_id', 'id']).doUpdateSet(values))
        .returningAll()
        .executeTakeFirstOrThrow(),
    )
    return readBucket(put)
  }

  async listBuckets(businessId: string, rateLimitId: string): Promise<RateLimitBucket[]> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('rate_limit_bucket')
        .selectAll()
        .where('business_id', '=', businessId)
        .where('rate_limit_id', '=', rateLimitId)
        .orderBy('id')
        .execute(),
    )
    return found.map(readBucket)
  }

  async deleteBucket(businessId: string, id: string): Promise<void> {
    await this.#database.asBusiness(businessId, (trx) =>
      trx.deleteFrom('rate_limit_bucket').where('business_id', '=', businessId).where('id', '=', id).execute(),
    )
  }

  /**
   * Spends one of every bucket of these limits. Answers how long to wait when one of them is full; a window that is
   * full is not made longer by asking.
   */
  async spend(
    businessId: string,
    live: boolean,
    values: readonly { readonly rateLimitId: string; readonly mac: Uint8Array }[],
    now: Date,
  ): Promise<{ readonly waitSeconds: number }> {
    const ids = values.map(({ rateLimitId }) => rateLimitId)
    const macs = values.map(({ mac }) => Buffer.from(mac))
    const ends = await this.#database.asBusiness(businessId, async (trx) => {
      // In one order, so that two requests never wait for each other.
      const { rows } = await sql<{ ends_at: Date; is_full: boolean }>`
        with spent as (
          insert into rate_limit_use as u (business_id, bucket_id, live, value_mac, count, ends_at)
          select b.business_id, b.id, ${live}, given.mac, 1, ${now}::timestamptz + make_interval(secs => b.interval_seconds)
          from unnest(${ids}::uuid[], ${macs}::bytea[]) as given (rate_limit_id, mac)
          join rate_limit_bucket b on b.business_id = ${businessId} and b.rate_limit_id = given.rate_limit_id
          order by b.id
          on conflict (business_id, bucket_id, live, value_mac) do update set
            count = case when u.ends_at <= ${now} then 1 else u.count + 1 end,
            ends_at = case when u.ends_at <= ${now} then excluded.ends_at else u.ends_at end
          returning u.bucket_id, u.count, u.ends_at
        )
        select s.ends_at, s.count > b.count_max as is_full
        from spent s join rate_limit_bucket b on b.business_id = ${businessId} and b.id = s.bucket_id`.execute(trx)
      // Afterwards and past what is locked: it waits for nobody.
      await sql`delete from rate_limit_use where ctid = any (array(
        select u.ctid from rate_limit_use u join rate_limit_bucket b on b.business_id = u.business_id and b.id = u.bucket_id
        where u.business_id = ${businessId} and b.rate_limit_id = any (${ids}::uuid[]) and u.ends_at <= ${now}
        order by u.ends_at limit ${forgottenAtOnce} for update of u skip locked))`.execute(trx)
      return rows.filter(({ is_full }) => is_full).map(({ ends_at }) => ends_at.getTime())
    })
    return { waitSeconds: ends.length === 0 ? 0 : Math.max(1, Math.ceil((Math.max(...ends) - now.getTime()) / 1000)) }
  }
}

const readLimit = (found: Selectable<TwilioTables['rate_limit']>): RateLimit => ({
  id: found.id,
  applicationId: found.application_id,
  uniqueName: found.unique_name,
  description: found.description,
  createdAt: found.created_at,
  updatedAt: found.updated_at,
})

const readBucket = (found: Selectable<TwilioTables['rate_limit_bucket']>): RateLimitBucket => ({
  id: found.id,
  rateLimitId: found.rate_limit_id,
  countMax: found.count_max,
  intervalSeconds: found.interval_seconds,
  createdAt: found.created_at,
  updatedAt: found.updated_at,
})
