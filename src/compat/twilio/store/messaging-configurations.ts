import type { Selectable } from 'kysely'
import type { MessagingConfiguration } from '#compat/twilio/core/kept-settings.ts'
import type { Database } from '#platform/database/database.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import type { TwilioTables } from './tables.ts'

interface Owner {
  readonly businessId: string
  readonly applicationId: string
}

/** What a business kept of its countries at a vendor; at most one for each country of an application. */
export class MessagingConfigurationStore {
  readonly #database: Database<TwilioTables>

  constructor(database: Database) {
    this.#database = database.of<TwilioTables>()
  }

  /** Undefined: the country has one. */
  async create(
    { businessId, applicationId }: Owner,
    given: Pick<MessagingConfiguration, 'country' | 'messagingServiceSid'>,
    now: Date,
  ): Promise<MessagingConfiguration | undefined> {
    const made = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .insertInto('messaging_configuration')
        .values({
          business_id: businessId,
          id: uuidv7(now.getTime()),
          application_id: applicationId,
          country: given.country,
          messaging_service_sid: given.messagingServiceSid,
          created_at: now,
          updated_at: now,
        })
        .onConflict((conflict) => conflict.columns(['business_id', 'application_id', 'country']).doNothing())
        .returningAll()
        .executeTakeFirst(),
    )
    return made && read(made)
  }

  async list({ businessId, applicationId }: Owner): Promise<MessagingConfiguration[]> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('messaging_configuration')
        .selectAll()
        .where('business_id', '=', businessId)
        .where('application_id', '=', applicationId)
        .orderBy('id')
        .execute(),
    )
    return found.map(read)
  }

  async change(
    { businessId, applicationId }: Owner,
    { country, messagingServiceSid }: Pick<MessagingConfiguration, 'country' | 'messagingServiceSid'>,
    now: Date,
  ): Promise<MessagingConfiguration | undefined> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .updateTable('messaging_configuration')
        .set({ messaging_service_sid: messagingServiceSid, updated_at: now })
        .where('business_id', '=', businessId)
        .where('application_id', '=', applicationId)
        .where('country', '=', country)
        .returningAll()
        .executeTakeFirst(),
    )
    return found && read(found)
  }

  async remove({ businessId, applicationId }: Owner, country: string): Promise<boolean> {
    const { numDeletedRows } = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .deleteFrom('messaging_configuration')
        .where('business_id', '=', businessId)
        .where('application_id', '=', applicationId)
        .where('country', '=', country)
        .executeTakeFirst(),
    )
    return numDeletedRows > 0n
  }
}

const read = (found: Selectable<TwilioTables['messaging_configuration']>): MessagingConfiguration => ({
  id: found.id,
  applicationId: found.application_id,
  country: found.country,
  messagingServiceSid: found.messaging_service_sid,
  createdAt: found.created_at,
  updatedAt: found.updated_at,
})
