import type { PolicyChanges } from '#guard/core/policy.ts'
import type { Database } from '#platform/database/database.ts'
import type { GuardTables } from './tables.ts'

interface PolicyOwner {
  readonly businessId: string
  readonly applicationId: string
  readonly live: boolean
}

/** What applications have set, one row an application and mode. */
export class PolicyStore {
  readonly #database: Database<GuardTables>

  constructor(database: Database) {
    this.#database = database.of<GuardTables>()
  }

  /** All of it is as it is given; an empty change is the default again. */
  async set({ businessId, applicationId, live }: PolicyOwner, changes: PolicyChanges, now: Date): Promise<void> {
    const values = { changes: JSON.stringify(changes), changed_at: now }
    await this.#database.asBusiness(businessId, (trx) =>
      trx
        .insertInto('guard_policy')
        .values({ business_id: businessId, application_id: applicationId, live, ...values })
        .onConflict((conflict) => conflict.columns(['business_id', 'application_id', 'live']).doUpdateSet(values))
        .execute(),
    )
  }

  /** Only where codes may go; the rest stays as it was set. */
  async nameCountries(owner: PolicyOwner, countries: readonly string[], now: Date): Promise<void> {
    await this.set(owner, { ...(await this.find(owner)), countries }, now)
  }

  async find({ businessId, applicationId, live }: PolicyOwner): Promise<PolicyChanges> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('guard_policy')
        .select('changes')
        .where('business_id', '=', businessId)
        .where('application_id', '=', applicationId)
        .where('live', '=', live)
        .executeTakeFirst(),
    )
    return found?.changes ?? {}
  }
}
