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
