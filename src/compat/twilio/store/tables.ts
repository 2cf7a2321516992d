/** The tables of this vendor as Kysely sees them. */
export interface TwilioTables {
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
  safe_number: { business_id: string; id: string; live: boolean; phone_number: string; created_at: Date }
  messaging_configuration: {
    business_id: string
    id: string
    application_id: string
    country: string
    messaging_service_sid: string
    created_at: Date
    updated_at: Date
  }
  service_setting: { business_id: string; application_id: string; custom_code_enabled: boolean; updated_at: Date }
}
