/** The tables of this vendor as Kysely sees them. */
export interface VonageTables {
  public_key: {
    business_id: string
    id: string
    application_id: string
    live: boolean
    pem: string
    fingerprint: Buffer
    created_at: Date
    made_by_key_id: string
  }
}
