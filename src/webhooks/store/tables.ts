import type { Json, PlatformTables } from '#platform/database/tables.ts'

/** The tables of this module as Kysely sees them. */
export interface WebhookTables extends PlatformTables {
  webhook_endpoint: {
    business_id: string
    id: string
    live: boolean
    url: string
    events: string[]
    secrets_sealed: Buffer
    previous_secret_until: Date | null
    seen_position: string
    seen_sequence: string
    created_at: Date
    disabled_at: Date | null
    disabled_reason: string | null
    format: string
    application_id: string | null
    format_settings: Json | null
  }
  webhook_delivery: {
    business_id: string
    id: string
    endpoint_id: string
    subject_kind: string
    subject_id: string
    event_sequence: string
    status: string
    send_count: number
    due_at: Date | null
    response_status: number | null
    problem: string | null
    created_at: Date
    sent_at: Date | null
    settled_at: Date | null
    part: string
  }
}
