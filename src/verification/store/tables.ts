import type { Json } from '#platform/database/tables.ts'

/** The tables of this module as Kysely sees them. */
export interface VerificationTables {
  recipient: {
    business_id: string
    live: boolean
    person: string
    failed_at: Date[]
    failed_consecutive: number
    sent_at: Date[]
  }
  verification: {
    business_id: string
    id: string
    application_id: string
    live: boolean
    recipient: string
    person: string
    purpose: string
    locale: string
    status: string
    key_version: number
    code_length: number
    code_mac: Buffer | null
    code_sealed: Buffer | null
    binding: string
    transaction: Json | null
    check_count: number
    check_count_max: number
    policy: Json
    workflow: Json
    step_index: number
    revision: number
    due_at: Date | null
    metadata: Json | null
    created_at: Date
    expires_at: Date
    ended_at: Date | null
  }
  delivery: {
    business_id: string
    id: string
    verification_id: string
    application_id: string
    live: boolean
    step_index: number
    channel: string
    sender_id: string
    status: string
    provider_message_id: string | null
    failure_reason: string | null
    provider_code: string | null
    detail: string | null
    defer_count: number
    send_after: Date | null
    claimed_at: Date | null
    unmoved_since: Date | null
    queued_at: Date
    sent_at: Date | null
    delivered_at: Date | null
    read_at: Date | null
    failed_at: Date | null
  }
  early_receipt: {
    business_id: string
    provider_message_id: string
    status: string
    at: Date
    failure_reason: string | null
    provider_code: string | null
    detail: string | null
    raw: Json | null
    received_at: Date
  }
  pre_send_hook: {
    business_id: string
    application_id: string
    live: boolean
    url: string
    secrets_sealed: Buffer
    on_failure: string
    created_at: Date
  }
}
