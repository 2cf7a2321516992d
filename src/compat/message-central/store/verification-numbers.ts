import { sql } from 'kysely'
import { type Forgotten, forgotten } from '#platform/core/kept.ts'
import { lowestIdAt } from '#platform/core/partition.ts'
import type { Database } from '#platform/database/database.ts'
import type { MessageCentralTables } from './tables.ts'

/** Ids of verifications as numbers, for clients that know no other. */
export class VerificationNumberStore {
  readonly #database: Database<MessageCentralTables>

  constructor(database: Database) {
    this.#database = database.of<MessageCentralTables>()
  }

  /** The same number every time. */
  async keep(businessId: string, verificationId: string): Promise<number> {
    const number = numberOf(verificationId)
    await this.#database.asBusiness(businessId, (trx) =>
      trx
        .insertInto('verification_number')
        .values({ business_id: businessId, number: String(number), verification_id: verificationId })
        // In a hundred million verifications some share a number; the older one ended long ago.
        .onConflict((conflict) =>
          conflict.columns(['business_id', 'number']).doUpdateSet({ verification_id: verificationId }),
        )
        .execute(),
    )
    return number
  }

  /** Of verifications from before a time. */
  async forget(before: Date, limit: number): Promise<Forgotten> {
    return this.#database.asEngine(async (trx) => {
      const { numAffectedRows } = await sql`delete from verification_number n where (n.business_id, n.number) in (
        select o.business_id, o.number from verification_number o
        where o.verification_id < ${lowestIdAt(before)}::uuid limit ${limit} for update skip locked)`.execute(trx)
      return forgotten(numAffectedRows, limit)
    })
  }

  async find(businessId: string, number: number): Promise<string | undefined> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('verification_number')
        .select('verification_id')
        .where('business_id', '=', businessId)
        .where('number', '=', String(number))
        .executeTakeFirst(),
    )
    return found?.verification_id
  }
}

/** The last 48 bits of a UUIDv7 are random, and a JSON number holds 53 exactly. */
const numberOf = (verificationId: string): number => Number.parseInt(verificationId.slice(-12), 16)
