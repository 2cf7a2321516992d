import type { ColumnType, Generated } from 'kysely'
import type { Json } from '#platform/database/tables.ts'

/** The tables of this module as Kysely sees them. */
export interface TotpTables {
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
  totp_setting: {
    business_id: string
    application_id: string
    issuer: ColumnType<string | null, string | undefined, string | undefined>
    time_step_seconds: ColumnType<number | null, number | undefined, number | undefined>
    code_length: ColumnType<number | null, number | undefined, number | undefined>
    skew_steps: ColumnType<number | null, number | undefined, number | undefined>
  }
}
