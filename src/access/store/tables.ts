import type { Json } from '#platform/database/tables.ts'

/** The tables of this module as Kysely sees them. */
export interface AccessTables {
  business: { id: string; name: string; created_at: Date }
  application: {
    business_id: string
    id: string
    name: string
    brand: string
    locale: string
    domain: string | null
    color: string | null
    logo: string | null
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
    scopes: string[]
    allowed_addresses: string[] | null
    made_by_key_id: string | null
    created_at: Date
    expires_at: Date | null
    last_used_at: Date | null
    revoked_at: Date | null
    children_revoked_at: Date | null
  }
}
