/** The tables of this module as Kysely sees them. */
export interface GatewayTables {
  /** What is read of another module's: whether the key that made a gateway is still in use. */
  api_key: { business_id: string; id: string; revoked_at: Date | null }
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
}
