import type { ColumnType, Generated } from 'kysely'

/** Written as text, read as a value. */
export type Json = ColumnType<unknown, string, string>

/**
 * The tables of this module as Kysely sees them. Every module has its own beside its store;
 * `test/<module>/schema.txt` is what PostgreSQL made of its migrations.
 */
export interface PlatformTables {
  key_check: { version: number; mac: Buffer; created_at: Generated<Date> }
  secret: { name: string; sealed: Buffer }
  erasure: {
    business_id: string
    id: string
    live: boolean
    person_key: string
    erased_at: Date
    key_id: string | null
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
    recorded_at: Generated<Date>
  }
  event_floor: { business_id: string; log_position: string; sequence: string }
  idempotency: {
    business_id: string
    key: string
    fingerprint: Buffer
    subject_id: string | null
    answer: Json | null
    created_at: Date
  }
}
