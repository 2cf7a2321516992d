import { sql } from 'kysely'
import type { FormatSettings, LoggedEvent, WebhookFormats } from '#webhooks/core/format.ts'
import type { Database, TenantTransaction } from '#platform/database/database.ts'
import type { Keyring } from '#platform/keys/keyring.ts'
import { eventOf, type FoundClaimed, readClaimed } from './webhook-claimed.ts'
import { claimDue, type ClaimLimits } from './webhook-claiming.ts'
import { settlePending } from './webhook-endpoints.ts'
import { openSecrets } from './webhook-secrets.ts'
import { spreadEvents } from './webhook-spreading.ts'
import type { WebhookTables } from './tables.ts'

/** A webhook that this server is to send now, and nobody else until `leasedUntil`. */
export interface ClaimedWebhook {
  readonly businessId: string
  readonly id: string
  readonly endpointId: string
  readonly url: string
  readonly format: string
  readonly settings: FormatSettings
  readonly part: string
  readonly sendCount: number
  readonly leasedUntil: Date
  /** Undefined: they are sealed under a master key that this server does not have. */
  readonly secrets: readonly string[] | undefined
  /** Undefined: the event is no longer kept. */
  readonly event: LoggedEvent | undefined
}

export interface WebhookOutcome {
  /** When it is sent again; absent: it is settled. */
  readonly dueAt?: Date
  readonly isDelivered: boolean
  readonly isSent: boolean
  readonly responseStatus?: number
  readonly problem?: string
  readonly disables?: 'gone' | 'failing'
}

/** What waits to be told to whom. The row is the job, as everywhere else (docs/decisions/0007). */
export class WebhookStore {
  readonly #database: Database<WebhookTables>
  readonly #keyring: Keyring
  readonly #formats: WebhookFormats

  constructor(database: Database, keyring: Keyring, formats: WebhookFormats) {
    this.#database = database.of<WebhookTables>()
    this.#keyring = keyring
    this.#formats = formats
  }

  /**
   * Makes a delivery of every event that is new to an endpoint and wanted by it, and moves the endpoint's cursor past
   * what was looked at, in one transaction: each event is taken once, whatever dies when. True: there is more.
   */
  async spread(now: Date): Promise<boolean> {
    return this.#database.asEngine((trx) => spreadEvents(trx, this.#formats, now))
  }

  /** What is due, with a lease on it: a share for each business that has any (`webhook-claiming.ts`). */
  async claim(now: Date, limits: ClaimLimits): Promise<ClaimedWebhook[]> {
    const leasedUntil = new Date(now.getTime() + limits.leaseMs)
    return this.#database.asEngine(async (trx) => {
      const claimed = await claimDue(trx, [...this.#formats.keys()], limits, { now, leasedUntil })
      if (claimed.length === 0) return []
      const found = await readClaimed(trx, claimed)
      return found.map((one) => this.#read(one, leasedUntil, now))
    })
  }

  /**
   * What came of a sending; nothing, when the lease had run out and somebody else has taken it over. True: the endpoint
   * has been disabled by it.
   */
  async record(webhook: ClaimedWebhook, outcome: WebhookOutcome, now: Date): Promise<boolean> {
    const { businessId, id, endpointId, leasedUntil } = webhook
    return this.#database.asEngine(async (trx) => {
      // In the order in which everybody locks them: the endpoint before its deliveries.
      if (outcome.disables) {
        await sql`select from webhook_endpoint where business_id = ${businessId} and id = ${endpointId} for update`.execute(
          trx,
        )
      }
      const { numUpdatedRows } = await trx
        .updateTable('webhook_delivery')
        .set({
          status: outcome.dueAt ? 'pending' : outcome.isDelivered ? 'delivered' : 'failed',
          due_at: outcome.dueAt ?? null,
          settled_at: outcome.dueAt ? null : now,
          response_status: outcome.responseStatus ?? null,
          problem: outcome.problem ?? null,
          ...(outcome.isSent && { send_count: webhook.sendCount + 1, sent_at: now }),
        })
        .where('business_id', '=', businessId)
        .where('id', '=', id)
        .where('due_at', '=', leasedUntil)
        .executeTakeFirst()
      if (numUpdatedRows === 0n || outcome.disables === undefined) return false
      if (outcome.disables === 'failing' && (await hasDeliveredSince(trx, webhook))) return false
      const disabled = await trx
        .updateTable('webhook_endpoint')
        .set({ disabled_at: now, disabled_reason: outcome.disables })
        .where('business_id', '=', businessId)
        .where('id', '=', endpointId)
        .where('disabled_at', 'is', null)
        .executeTakeFirst()
      await settlePending(trx, businessId, endpointId, now)
      return disabled.numUpdatedRows > 0n
    })
  }

  #read(found: FoundClaimed, leasedUntil: Date, now: Date): ClaimedWebhook {
    return {
      businessId: found.business_id,
      id: found.id,
      endpointId: found.endpoint_id,
      url: found.url,
      format: found.format,
      settings: found.format_settings ?? {},
      part: found.part,
      sendCount: found.send_count,
      leasedUntil,
      secrets: this.#secretsOf(found, now),
      event: eventOf(found),
    }
  }

  #secretsOf(
    { endpoint_id, secrets_sealed, previous_secret_until: until }: FoundClaimed,
    now: Date,
  ): string[] | undefined {
    try {
      const { current, previous } = openSecrets(this.#keyring, endpoint_id, secrets_sealed)
      return previous !== undefined && until && until > now ? [current, previous] : [current]
    } catch {
      return undefined
    }
  }
}

/** Since this one was made: an endpoint that takes others is not failing as a whole. */
async function hasDeliveredSince(trx: TenantTransaction<WebhookTables>, webhook: ClaimedWebhook): Promise<boolean> {
  const { rows } = await sql<{ yes: boolean }>`
    select exists (
      select from webhook_delivery d
      join webhook_delivery this on this.business_id = d.business_id and this.id = ${webhook.id}
      where d.business_id = ${webhook.businessId} and d.endpoint_id = ${webhook.endpointId}
        and d.status = 'delivered' and d.settled_at > this.created_at
    ) as yes`.execute(trx)
  return rows[0]?.yes ?? false
}
