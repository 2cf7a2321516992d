import type { ServiceSettings } from '#compat/twilio/core/kept-settings.ts'
import type { Database } from '#platform/database/database.ts'
import type { TwilioTables } from './tables.ts'

interface Owner {
  readonly businessId: string
  readonly applicationId: string
}

/** What services have through this API alone; one that nobody changed through it has no row. */
export class ServiceSettingStore {
  readonly #database: Database<TwilioTables>

  constructor(database: Database) {
    this.#database = database.of<TwilioTables>()
  }

  /** Of every service of a business that has some, by its application. */
  async list(businessId: string): Promise<ReadonlyMap<string, ServiceSettings>> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx.selectFrom('service_setting').selectAll().where('business_id', '=', businessId).execute(),
    )
    return new Map(
      found.map((row) => [
        row.application_id,
        { customCodeEnabled: row.custom_code_enabled, updatedAt: row.updated_at },
      ]),
    )
  }

  async find({ businessId, applicationId }: Owner): Promise<ServiceSettings | undefined> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('service_setting')
        .selectAll()
        .where('business_id', '=', businessId)
        .where('application_id', '=', applicationId)
        .executeTakeFirst(),
    )
    return found && { customCodeEnabled: found.custom_code_enabled, updatedAt: found.updated_at }
  }

  /** Dates the change, whatever else of the service changed with it; what is not given stays. */
  async change(
    { businessId, applicationId }: Owner,
    { customCodeEnabled }: Partial<Pick<ServiceSettings, 'customCodeEnabled'>>,
    now: Date,
  ): Promise<void> {
    const given = customCodeEnabled === undefined ? {} : { custom_code_enabled: customCodeEnabled }
    const row = { business_id: businessId, application_id: applicationId, updated_at: now }
    await this.#database.asBusiness(businessId, (trx) =>
      trx
        .insertInto('service_setting')
        .values({ custom_code_enabled: false, ...row, ...given })
        .onConflict((conflict) =>
          conflict.columns(['business_id', 'application_id']).doUpdateSet({ updated_at: now, ...given }),
        )
        .execute(),
    )
  }
}
