import type { TotpSettings } from '#totp/core/settings.ts'
import type { Database } from '#platform/database/database.ts'
import type { TotpTables } from './tables.ts'

/** How new authenticator apps of an application are made when the request does not say. */
export class TotpSettingsStore {
  readonly #database: Database<TotpTables>

  constructor(database: Database) {
    this.#database = database.of<TotpTables>()
  }

  /** Of every application of a business that has some. */
  async list(businessId: string): Promise<ReadonlyMap<string, TotpSettings>> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx.selectFrom('totp_setting').selectAll().where('business_id', '=', businessId).execute(),
    )
    return new Map(
      found.map((row) => [
        row.application_id,
        {
          ...(row.issuer !== null && { issuer: row.issuer }),
          ...(row.time_step_seconds !== null && { timeStepSeconds: row.time_step_seconds }),
          ...(row.code_length !== null && { codeLength: row.code_length }),
          ...(row.skew_steps !== null && { skewSteps: row.skew_steps }),
        },
      ]),
    )
  }

  /** Changes what is given and leaves the rest. */
  async change(businessId: string, applicationId: string, changes: TotpSettings): Promise<void> {
    const values = {
      ...(changes.issuer !== undefined && { issuer: changes.issuer }),
      ...(changes.timeStepSeconds !== undefined && { time_step_seconds: changes.timeStepSeconds }),
      ...(changes.codeLength !== undefined && { code_length: changes.codeLength }),
      ...(changes.skewSteps !== undefined && { skew_steps: changes.skewSteps }),
    }
    if (Object.keys(values).length === 0) return
    await this.#database.asBusiness(businessId, (trx) =>
      trx
        .insertInto('totp_setting')
        .values({ business_id: businessId, application_id: applicationId, ...values })
        .onConflict((conflict) => conflict.columns(['business_id', 'application_id']).doUpdateSet(values))
        .execute(),
    )
  }
}
