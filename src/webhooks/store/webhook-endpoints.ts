import { type Selectable, sql } from 'kysely'
import {
  type DisabledReason,
  endpointsMax,
  type NewWebhookEndpoint,
  type WebhookEndpoint,
  type WebhookEndpointChanges,
  type WebhookEndpointOwner,
} from '#webhooks/core/endpoint.ts'
import type { FormatSettings, WebhookFormat, WebhookFormats } from '#webhooks/core/format.ts'
import type { Database, TenantTransaction } from '#platform/database/database.ts'
import { latestEvent } from '#platform/events/event-store.ts'
import { keepQuota, type Quota } from '#platform/database/quota.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import type { Keyring } from '#platform/keys/keyring.ts'
import { openSecrets, sealSecrets } from './webhook-secrets.ts'
import type { WebhookTables } from './tables.ts'

const quotaOf = ({ live }: WebhookEndpointOwner): Quota => ({
  what: `${live ? 'live' : 'test'} webhook endpoints`,
  max: endpointsMax,
})

const previousLastsMs = 24 * 3_600_000
const removeSetMax = 5000

/** The endpoints of a business and mode; a secret leaves here when it is made, and for signing. */
export class WebhookEndpointStore {
  readonly #database: Database<WebhookTables>
  readonly #keyring: Keyring
  readonly #formats: WebhookFormats

  constructor(database: Database, keyring: Keyring, formats: WebhookFormats) {
    this.#database = database.of<WebhookTables>()
    this.#keyring = keyring
    this.#formats = formats
  }

  async create(
    owner: WebhookEndpointOwner,
    { format, applicationId, url, events, formatSettings }: NewWebhookEndpoint,
    now: Date,
  ): Promise<WebhookEndpoint & { readonly secret: string }> {
    const id = uuidv7(now.getTime())
    const secret = this.#formatOf(format).newSecret()
    const found = await this.#database.asBusiness(owner.businessId, async (trx) => {
      await keepQuota(trx, owner.businessId, quotaOf(owner), async () => {
        const kept = trx
          .selectFrom('webhook_endpoint')
          .select('id')
          .where('business_id', '=', owner.businessId)
          .where('live', '=', owner.live)
        return (await kept.execute()).length
      })
      return trx
        .insertInto('webhook_endpoint')
        .values({
          business_id: owner.businessId,
          id,
          live: owner.live,
          url,
          events: [...events],
          secrets_sealed: sealSecrets(this.#keyring, id, { current: secret }),
          previous_secret_until: null,
          ...(await presentOf(trx, owner)),
          created_at: now,
          disabled_at: null,
          disabled_reason: null,
          format,
          application_id: applicationId ?? null,
          format_settings: formatSettings ? JSON.stringify(formatSettings) : null,
        })
        .returningAll()
        .executeTakeFirstOrThrow()
    })
    return { ...readEndpoint(found, now), secret }
  }

  async list(owner: WebhookEndpointOwner, now: Date): Promise<WebhookEndpoint[]> {
    const found = await this.#database.asBusiness(owner.businessId, (trx) =>
      trx
        .selectFrom('webhook_endpoint')
        .selectAll()
        .where('business_id', '=', owner.businessId)
        .where('live', '=', owner.live)
        .orderBy('id')
        .execute(),
    )
    return found.map((one) => readEndpoint(one, now))
  }

  async find(owner: WebhookEndpointOwner, id: string, now: Date): Promise<WebhookEndpoint | undefined> {
    return (await this.list(owner, now)).find((endpoint) => endpoint.id === id)
  }

  /** One that is enabled again begins with the present; what it missed is replayed on request. */
  async change(
    owner: WebhookEndpointOwner,
    id: string,
    { url, events, disabled, formatSettings }: WebhookEndpointChanges,
    now: Date,
  ): Promise<WebhookEndpoint | undefined> {
    return this.#database.asBusiness(owner.businessId, async (trx) => {
      const before = await lockEndpoint(trx, owner, id)
      if (!before) return undefined
      const isDisabledNow = disabled === true && before.disabled_at === null
      const isEnabledNow = disabled === false && before.disabled_at !== null
      const found = await trx
        .updateTable('webhook_endpoint')
        .set({
          url: url ?? before.url,
          events: events ? [...events] : before.events,
          ...(formatSettings && { format_settings: JSON.stringify(formatSettings) }),
          ...(isDisabledNow && { disabled_at: now, disabled_reason: 'by_request' }),
          ...(isEnabledNow && {
            disabled_at: null,
            disabled_reason: null,
            ...(await presentOf(trx, owner)),
          }),
        })
        .where('business_id', '=', owner.businessId)
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow()
      if (isDisabledNow) await settlePending(trx, owner.businessId, id, now)
      return readEndpoint(found, now)
    })
  }

  /**
   * A new secret. Where the format has room for two signatures, the one before it signs for another day, so that a
   * receiver can change over in between.
   */
  async rotateSecret(
    owner: WebhookEndpointOwner,
    id: string,
    now: Date,
  ): Promise<(WebhookEndpoint & { readonly secret: string }) | undefined> {
    return this.#database.asBusiness(owner.businessId, async (trx) => {
      const before = await lockEndpoint(trx, owner, id)
      if (!before) return undefined
      const { current } = openSecrets(this.#keyring, id, before.secrets_sealed)
      const format = this.#formatOf(before.format)
      const secret = format.newSecret()
      const secrets = format.signsTwice ? { current: secret, previous: current } : { current: secret }
      const found = await trx
        .updateTable('webhook_endpoint')
        .set({
          secrets_sealed: sealSecrets(this.#keyring, id, secrets),
          previous_secret_until: format.signsTwice ? new Date(now.getTime() + previousLastsMs) : null,
        })
        .where('business_id', '=', owner.businessId)
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow()
      return { ...readEndpoint(found, now), secret }
    })
  }

  /** With its deliveries, which may be many: set by set, and disabled before, so that no new ones come. */
  async remove(owner: WebhookEndpointOwner, id: string, now: Date): Promise<boolean> {
    const { businessId } = owner
    if (!(await this.change(owner, id, { disabled: true }, now))) return false
    const removeSet = () =>
      this.#database.asBusiness(businessId, (trx) =>
        sql`delete from webhook_delivery where business_id = ${businessId} and id in (
          select id from webhook_delivery where business_id = ${businessId} and endpoint_id = ${id}
          order by id limit ${removeSetMax} for update)`.execute(trx),
      )
    while ((await removeSet()).numAffectedRows === BigInt(removeSetMax));
    await this.#database.asBusiness(businessId, (trx) =>
      trx.deleteFrom('webhook_endpoint').where('business_id', '=', businessId).where('id', '=', id).execute(),
    )
    return true
  }

  #formatOf(name: string): WebhookFormat {
    const format = this.#formats.get(name)
    if (!format) throw new Error(`There is no webhook format ${name}.`)
    return format
  }
}

const lockEndpoint = (trx: TenantTransaction<WebhookTables>, { businessId, live }: WebhookEndpointOwner, id: string) =>
  trx
    .selectFrom('webhook_endpoint')
    .selectAll()
    .where('business_id', '=', businessId)
    .where('live', '=', live)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()

/** What waits for an endpoint that is disabled will not be sent; a replay brings it back. */
export async function settlePending(
  trx: TenantTransaction<WebhookTables>,
  businessId: string,
  endpointId: string,
  now: Date,
): Promise<void> {
  // By key: whoever removes the endpoint holds no more than its deliveries.
  await sql`select from webhook_delivery
    where business_id = ${businessId} and endpoint_id = ${endpointId} and due_at is not null
    order by id for update`.execute(trx)
  await trx
    .updateTable('webhook_delivery')
    .set({ status: 'failed', due_at: null, settled_at: now, problem: 'endpoint_disabled' })
    .where('business_id', '=', businessId)
    .where('endpoint_id', '=', endpointId)
    .where('due_at', 'is not', null)
    .execute()
}

const readEndpoint = (found: Selectable<WebhookTables['webhook_endpoint']>, now: Date): WebhookEndpoint => ({
  businessId: found.business_id,
  id: found.id,
  live: found.live,
  format: found.format,
  ...(found.application_id !== null && { applicationId: found.application_id }),
  url: found.url,
  events: found.events,
  ...(found.format_settings !== null && { formatSettings: found.format_settings as FormatSettings }),
  createdAt: found.created_at,
  ...(found.disabled_at && { disabledAt: found.disabled_at }),
  ...(found.disabled_reason !== null && { disabledReason: found.disabled_reason as DisabledReason }),
  ...(found.previous_secret_until &&
    found.previous_secret_until > now && { previousSecretUntil: found.previous_secret_until }),
})

/** Where the log ends now. Transactions still open at this moment may commit later; their events count as new. */
async function presentOf(trx: TenantTransaction<WebhookTables>, { businessId }: WebhookEndpointOwner) {
  const { position, sequence } = await latestEvent(trx, businessId)
  return { seen_position: String(position), seen_sequence: String(sequence) }
}
