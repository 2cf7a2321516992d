import type { Json, PlatformTables } from '#platform/database/tables.ts'

/** The tables of this module as Kysely sees them. */
export interface MessagingTables extends PlatformTables {
  sender: {
    business_id: string
    id: string
    live: boolean
    channel: string
    provider: string
    purpose: string
    shared: boolean
    config: Json
    own_number: string | null
    secrets_sealed: Buffer
    created_at: Date
    disabled_at: Date | null
  }
  message: {
    business_id: string
    id: string
    live: boolean
    direction: string
    sender_id: string
    contact_id: string
    content: Json
    status: string
    provider_message_id: string | null
    reply_to: string | null
    request_key: string | null
    request_fingerprint: Buffer | null
    failure_reason: string | null
    provider_code: string | null
    metadata: Json | null
    created_at: Date
    sent_at: Date | null
    delivered_at: Date | null
    read_at: Date | null
    failed_at: Date | null
  }
  sender_notice: {
    business_id: string
    sender_id: string
    check: string
    kind: string
    state: string
    detail: string
    mend: string | null
    at: Date
  }
  identity_key: {
    business_id: string
    sender_id: string
    person: string
    key_hash: string
    told_at: Date
    changed_at: Date | null
  }
  contact: {
    business_id: string
    id: string
    live: boolean
    name: string | null
    username: string | null
    created_at: Date
  }
  contact_address: {
    business_id: string
    live: boolean
    kind: string
    address: string
    spelled: string
    contact_id: string
    sender_id: string | null
    told_at: Date
  }
}
