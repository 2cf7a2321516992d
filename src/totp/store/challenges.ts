import type { ChallengeFilter, Slice, TotpChallenge, TotpEntity, TotpFactor } from '#totp/core/factor.ts'
import type { Database } from '#platform/database/database.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import { readChallenge } from './rows.ts'
import type { TotpTables } from './tables.ts'

/** Questions to authenticator apps; the right code to one is taken where the app's codes are checked. */
export class TotpChallengeStore {
  readonly #database: Database<TotpTables>

  constructor(database: Database) {
    this.#database = database.of<TotpTables>()
  }

  async create(
    factor: TotpFactor,
    given: Pick<TotpChallenge, 'details' | 'hiddenDetails' | 'expiresAt'>,
    now: Date,
  ): Promise<TotpChallenge> {
    const made = await this.#database.asBusiness(factor.businessId, (trx) =>
      trx
        .insertInto('totp_challenge')
        .values({
          business_id: factor.businessId,
          id: uuidv7(now.getTime()),
          factor_id: factor.id,
          details: given.details === undefined ? null : JSON.stringify(given.details),
          hidden_details: given.hiddenDetails === undefined ? null : JSON.stringify(given.hiddenDetails),
          expires_at: given.expiresAt,
          approved_at: null,
          created_at: now,
        })
        .returningAll()
        .executeTakeFirstOrThrow(),
    )
    return readChallenge(made)
  }

  async countOf({ businessId, id }: Pick<TotpFactor, 'businessId' | 'id'>, since: Date): Promise<number> {
    const { count } = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('totp_challenge')
        .select((of) => of.fn.countAll<string>().as('count'))
        .where('business_id', '=', businessId)
        .where('factor_id', '=', id)
        .where('created_at', '>', since)
        .executeTakeFirstOrThrow(),
    )
    return Number(count)
  }

  async find({ businessId, id: entityId }: TotpEntity, id: string): Promise<TotpChallenge | undefined> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('totp_challenge as c')
        .innerJoin('totp_factor as f', (join) =>
          join.onRef('f.business_id', '=', 'c.business_id').onRef('f.id', '=', 'c.factor_id'),
        )
        .selectAll('c')
        .where('c.business_id', '=', businessId)
        .where('c.id', '=', id)
        .where('f.entity_id', '=', entityId)
        .executeTakeFirst(),
    )
    return found && readChallenge(found)
  }

  /** Newest first, unless the oldest are asked for. */
  async list(
    { businessId, id: entityId }: TotpEntity,
    { limit, after }: Slice,
    { factorId, status, isOldestFirst = false, now }: ChallengeFilter,
  ): Promise<TotpChallenge[]> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('totp_challenge as c')
        .innerJoin('totp_factor as f', (join) =>
          join.onRef('f.business_id', '=', 'c.business_id').onRef('f.id', '=', 'c.factor_id'),
        )
        .selectAll('c')
        .where('c.business_id', '=', businessId)
        .where('f.entity_id', '=', entityId)
        .$if(factorId !== undefined, (query) => query.where('c.factor_id', '=', factorId as string))
        .$if(status !== undefined, (query) =>
          query.where('c.approved_at', status === 'approved' ? 'is not' : 'is', null),
        )
        .$if(status === 'pending', (query) => query.where('c.expires_at', '>', now))
        .$if(status === 'expired', (query) => query.where('c.expires_at', '<=', now))
        .$if(after !== undefined, (query) => query.where('c.id', isOldestFirst ? '>' : '<', after as string))
        .orderBy('c.id', isOldestFirst ? 'asc' : 'desc')
        .limit(limit)
        .execute(),
    )
    return found.map(readChallenge)
  }
}
