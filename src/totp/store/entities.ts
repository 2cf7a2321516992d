import { sql } from 'kysely'
import type { Slice, TotpEntity } from '#totp/core/factor.ts'
import type { Database } from '#platform/database/database.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import { tellOfFactor } from './events.ts'
import { readEntity } from './rows.ts'
import type { TotpTables } from './tables.ts'

type Owner = Pick<TotpEntity, 'businessId' | 'applicationId' | 'live'>

/** People with authenticator apps, by the names that businesses give them. */
export class TotpEntityStore {
  readonly #database: Database<TotpTables>

  constructor(database: Database) {
    this.#database = database.of<TotpTables>()
  }

  /** Makes it when there is none; two that make it in one moment get the same one. */
  async open(owner: Owner, identity: string, now: Date): Promise<{ entity: TotpEntity; isNew: boolean }> {
    const id = uuidv7(now.getTime())
    const made = await this.#database.asBusiness(owner.businessId, (trx) =>
      trx
        .insertInto('totp_entity')
        .values({
          business_id: owner.businessId,
          id,
          application_id: owner.applicationId,
          live: owner.live,
          identity,
          created_at: now,
        })
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst(),
    )
    if (made) return { entity: readEntity(made), isNew: true }
    const entity = await this.find(owner, identity)
    // It was deleted in between.
    return entity ? { entity, isNew: false } : this.open(owner, identity, now)
  }

  async find(owner: Owner, identity: string): Promise<TotpEntity | undefined> {
    const found = await this.#database.asBusiness(owner.businessId, (trx) =>
      trx
        .selectFrom('totp_entity')
        .selectAll()
        .where('business_id', '=', owner.businessId)
        .where('application_id', '=', owner.applicationId)
        .where('live', '=', owner.live)
        .where('identity', '=', identity)
        .executeTakeFirst(),
    )
    return found && readEntity(found)
  }

  async list(owner: Owner, { limit, after }: Slice): Promise<TotpEntity[]> {
    const found = await this.#database.asBusiness(owner.businessId, (trx) =>
      trx
        .selectFrom('totp_entity')
        .selectAll()
        .where('business_id', '=', owner.businessId)
        .where('application_id', '=', owner.applicationId)
        .where('live', '=', owner.live)
        .$if(after !== undefined, (query) => query.where('id', '>', after as string))
        .orderBy('id')
        .limit(limit)
        .execute(),
    )
    return found.map(readEntity)
  }

  /** With its factors and their challenges. */
  async delete({ businessId, id }: TotpEntity, now: Date): Promise<boolean> {
    return this.#database.asBusiness(businessId, async (trx) => {
      // Locked, so that no factor comes in between and goes untold.
      await sql`select from totp_entity where business_id = ${businessId} and id = ${id} for update`.execute(trx)
      const factors = await trx
        .selectFrom('totp_factor')
        .select('id')
        .where('business_id', '=', businessId)
        .where('entity_id', '=', id)
        .forUpdate()
        .execute()
      for (const { id: factorId } of factors) {
        await tellOfFactor(trx, { businessId, factorId, kind: 'factor.deleted', at: now })
      }
      const { numDeletedRows } = await trx
        .deleteFrom('totp_entity')
        .where('business_id', '=', businessId)
        .where('id', '=', id)
        .executeTakeFirst()
      return numDeletedRows > 0n
    })
  }
}
