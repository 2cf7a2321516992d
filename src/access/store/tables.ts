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
}
