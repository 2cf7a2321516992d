import type { SafeNumber } from '#compat/twilio/core/kept-settings.ts'
import type { Caller } from '#platform/core/caller.ts'
import type { Database } from '#platform/database/database.ts'
import { keepQuota } from '#platform/database/quota.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import type { TwilioTables } from './tables.ts'

const safeNumberQuota = { what: 'safe numbers', max: 1000 } as const

type Owner = Pick<Caller, 'businessId' | 'live'>

/** Recipients that a business's own rate limits never hold back. */
export class SafeNumberStore {
  readonly #database: Database<TwilioTables>

  constructor(database: Database) {
    this.#database = database.of<TwilioTables>()
  }

  /** Undefined: it is on the list. */
  async add({ businessId, live }: Owner, phoneNumber: string, now: Date): Promise<SafeNumber | undefined> {
    const id = uuidv7(now.getTime())
    const row = { business_id: businessId, id, live, phone_number: phoneNumber, created_at: now }
    const { numInsertedOrUpdatedRows } = await this.#database.asBusiness(businessId, async (trx) => {
      await keepQuota(trx, businessId, safeNumberQuota, async () => {
        const { many } = await trx
          .selectFrom('safe_number')
          .select(({ fn }) => fn.countAll<string>().as('many'))
          .where('business_id', '=', businessId)
          .executeTakeFirstOrThrow()
        return Number(many)
      })
      return trx
        .insertInto('safe_number')
        .values(row)
        .onConflict((conflict) => conflict.columns(['business_id', 'live', 'phone_number']).doNothing())
        .executeTakeFirst()
    })
    return numInsertedOrUpdatedRows === 1n ? { id, phoneNumber } : undefined
  }

  async find({ businessId, live }: Owner, phoneNumber: string): Promise<SafeNumber | undefined> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('safe_number')
        .selectAll()
        .where('business_id', '=', businessId)
        .where('live', '=', live)
        .where('phone_number', '=', phoneNumber)
        .executeTakeFirst(),
    )
    return found && { id: found.id, phoneNumber: found.phone_number }
  }

  async remove({ businessId, live }: Owner, phoneNumber: string): Promise<boolean> {
    const { numDeletedRows } = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .deleteFrom('safe_number')
        .where('business_id', '=', businessId)
        .where('live', '=', live)
        .where('phone_number', '=', phoneNumber)
        .executeTakeFirst(),
    )
    return numDeletedRows > 0n
  }
}
