/** The tables of this vendor as Kysely sees them. */
export interface MessageCentralTables {
  verification_number: { business_id: string; number: string; verification_id: string }
}
