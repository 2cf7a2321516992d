import type { ColumnType, Generated } from 'kysely'

/** The tables as Kysely sees them; `test/schema.sql` holds the migrations to what PostgreSQL made of them. */
type Json = ColumnType<unknown, string, string>

export interface Tables {
  business: { id: string; name: string; created_at: Date }
  application: {
    business_id: string
    id: string
    name: string
    brand: string
    locale: string
    domain: string | null
    policy: Json
    workflow: Json
    created_at: Date
  }
  api_key: {
    business_id: string
    id: string
    application_id: string
    live: boolean
    hash: Buffer
    hint: string
    created_at: Date
    revoked_at: Date | null
  }
  public_key: {
    business_id: string
    id: string
    application_id: string
    live: boolean
    pem: string
    fingerprint: Buffer
    created_at: Date
  }
  verification_number: { business_id: string; number: string; verification_id: string }
  sender: {
    business_id: string
    id: string
    live: boolean
    channel: string
    provider: string
    purpose: string
    shared: boolean
    config: Json
    secrets_sealed: Buffer
    created_at: Date
    disabled_at: Date | null
  }
  gateway: {
    business_id: string
    id: string
    application_id: string
    live: boolean
    system: string
    secret_sealed: Buffer
    created_at: Date
    made_by_key_id: string | null
  }
  key_check: { version: number; mac: Buffer; created_at: Generated<Date> }
  recipient: {
    business_id: string
    live: boolean
    recipient: string
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
  event: {
    business_id: string
    subject_id: string
    sequence: Generated<string>
    log_position: Generated<string>
    at: Date
    live: boolean
    subject_kind: string
    kind: string
    application_id: string | null
    part_id: string | null
    data: Json | null
  }
  message: {
    business_id: string
    id: string
    live: boolean
    direction: string
    sender_id: string
    contact: string
    content: Json
    status: string
    provider_message_id: string | null
    reply_to: string | null
    request_key: string | null
    failure_reason: string | null
    provider_code: string | null
    metadata: Json | null
    created_at: Date
    sent_at: Date | null
    delivered_at: Date | null
    read_at: Date | null
    failed_at: Date | null
  }
  rate_limit: {
    business_id: string
    id: string
    application_id: string
    unique_name: string
    description: string | null
    created_at: Date
    updated_at: Date
  }
  rate_limit_bucket: {
    business_id: string
    id: string
    rate_limit_id: string
    count_max: number
    interval_seconds: number
    created_at: Date
    updated_at: Date
  }
  idempotency: {
    business_id: string
    key: string
    fingerprint: Buffer
    subject_id: string | null
    answer: Json | null
    created_at: Date
  }
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
    friendly_name: string | null
    version: string | null
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
  pre_send_hook: {
    business_id: string
    application_id: string
    live: boolean
    url: string
    secrets_sealed: Buffer
    on_failure: string
    created_at: Date
  }
  safe_number: { business_id: string; id: string; phone_number: string; created_at: Date }
  messaging_configuration: {
    business_id: string
    id: string
    application_id: string
    country: string
    messaging_service_sid: string
    created_at: Date
    updated_at: Date
  }
  totp_setting: {
    business_id: string
    application_id: string
    issuer: ColumnType<string | null, string | undefined, string | undefined>
    time_step_seconds: ColumnType<number | null, number | undefined, number | undefined>
    code_length: ColumnType<number | null, number | undefined, number | undefined>
    skew_steps: ColumnType<number | null, number | undefined, number | undefined>
  }
  totp_entity: {
    business_id: string
    id: string
    application_id: string
    live: boolean
    identity: string
    created_at: Date
  }
  totp_factor: {
    business_id: string
    id: string
    entity_id: string
    friendly_name: string
    secret_sealed: Buffer
    config: Json
    metadata: Json | null
    verified_at: ColumnType<Date | null, Date | undefined, Date>
    last_step: ColumnType<string | null, string | undefined, string>
    failed_at: ColumnType<Date[], Date[] | undefined, Date[]>
    failed_consecutive: Generated<number>
    created_at: Date
    updated_at: Date
  }
  totp_challenge: {
    business_id: string
    id: string
    factor_id: string
    details: Json | null
    hidden_details: Json | null
    expires_at: Date
    approved_at: Date | null
    created_at: Date
  }
}
