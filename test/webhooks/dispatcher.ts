import { randomBytes, randomUUID } from 'node:crypto'
import { createBusinessHttp } from '#platform/net/business-http.ts'
import type { WebhookFormats } from '#webhooks/core/format.ts'
import { readNews } from '#webhooks/flows/read-news.ts'
import { deliverWebhooks, type WebhookDelivering, type DeliveringTakes } from '#webhooks/flows/deliver-webhooks.ts'
import { Database } from '#platform/database/database.ts'
import { Keyring } from '#platform/keys/keyring.ts'
import { WebhookEndpointStore } from '#webhooks/store/webhook-endpoints.ts'
import { type ClaimedWebhook, WebhookStore } from '#webhooks/store/webhooks.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'
import { standardOf } from './formats.ts'
import { businessId } from '../verification/start-row.ts'

/** Webhooks without the rest of the server: events are put into the table, and the clock is moved by hand. */
export interface WebhookBench {
  readonly database: TestDatabase
  readonly formats: WebhookFormats
  readonly store: WebhookStore
  readonly endpoints: WebhookEndpointStore
  readonly errors: unknown[]
  readonly disabled: string[]
  /** Moves the clock of every server. */
  pass(seconds: number): void
  now(): Date
  /** An endpoint for live events. */
  add(url: string, owner?: string): Promise<{ readonly id: string; readonly secret: string }>
  /** So many events of one live verification, in one transaction. */
  tell(count?: number, owner?: string): Promise<void>
  /** Another business. */
  addBusiness(): Promise<string>
  /** Another server; `changes` break it on purpose. */
  serve(changes?: Partial<DeliveringTakes<ClaimedWebhook>>): WebhookDelivering
  rows(): Promise<DeliveryRow[]>
  close(): Promise<void>
}

export interface DeliveryRow {
  readonly id: string
  readonly status: string
  readonly send_count: number
  readonly due_at: Date | null
  readonly response_status: number | null
  readonly problem: string | null
}

export async function startBench(allowedHosts: readonly string[], timeoutMs = 10_000): Promise<WebhookBench> {
  const database = await freshDatabase()
  const opened = new Database({
    connectionString: database.url,
    statementTimeoutMs: 5000,
    lockTimeoutMs: 2000,
    poolSize: 8,
  })
  const keyring = new Keyring(new Map([[1, randomBytes(32)]]))
  const standard = standardOf(opened)
  const formats: WebhookFormats = new Map([[standard.name, standard]])
  const store = new WebhookStore(opened, keyring, formats)
  const endpoints = new WebhookEndpointStore(opened, keyring, formats)
  const http = createBusinessHttp({ allowedHosts, timeoutMs })
  const errors: unknown[] = []
  const disabled: string[] = []
  let passedMs = 0
  const now = () => new Date(Date.now() + passedMs)
  await database.query(`insert into business values ($1, 'x', now())`, [businessId])
  return {
    database,
    formats,
    store,
    endpoints,
    errors,
    disabled,
    now,
    pass: (seconds) => void (passedMs += seconds * 1000),
    add: (url, owner = businessId) =>
      endpoints.create(
        { businessId: owner, live: true },
        { format: 'standard', url, events: ['verification.*'] },
        now(),
      ),
    async addBusiness() {
      const id = randomUUID()
      await database.query(`insert into business values ($1, 'x', now())`, [id])
      return id
    },
    async tell(count = 1, owner = businessId) {
      await database.query(
        `with v as (
          insert into verification (business_id, id, code_id, application_id, live, recipient, person, purpose, locale, status,
            key_version, code_length, binding, check_count_max, policy, workflow, created_at, expires_at, ended_at,
            code_ended_at)
          values ($1, $2, $2, $1, true, '+6281234567890', '+6281234567890', 'p', 'en', 'approved', 1, 6, '', 5, '{}', '[]', now(),
            now(), now(), now())
          returning business_id, live, application_id, id)
        insert into event (business_id, live, application_id, subject_kind, subject_id, kind, data, at)
        select business_id, live, application_id, 'verification', id, 'verification.started', '{"channel": "sms", "raw": {"code": "481516"}}', now()
        from v, generate_series(1, $3)`,
        [owner, randomUUID(), count],
      )
    },
    serve: (changes = {}) =>
      deliverWebhooks({
        now,
        store,
        readNews: (claimed) => readNews(formats, claimed, (error) => errors.push(error)),
        send: ({ news, ...webhook }) => http.send(standard.write({ ...webhook, ...news })),
        random: () => 0,
        onError: (error) => errors.push(error),
        onDisabled: (_id, reason) => disabled.push(reason),
        ...changes,
      }),
    rows: () => database.query<DeliveryRow>('select * from webhook_delivery order by id'),
    async close() {
      await http.close()
      await opened.close()
      await database.drop()
    },
  }
}
