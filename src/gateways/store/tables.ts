/** The tables of this module as Kysely sees them. */
export interface GatewayTables {
  gateway: {
    business_id: string
    id: string
    application_id: string
    live: boolean
    system: string
    secret_sealed: Buffer
    created_at: Date
    made_by_key_id: string
  }
}
