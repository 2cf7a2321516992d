/** A recipient that a business's own rate limits never hold back. */
export interface SafeNumber {
  readonly id: string
  readonly phoneNumber: string
}

/** What a service has through this API alone. */
export interface ServiceSettings {
  /** Whether a start may bring a code of its own. */
  readonly customCodeEnabled: boolean
  readonly updatedAt: Date
}

/** Which messaging service a country had at a vendor. It is kept and read back; it routes nothing here. */
export interface MessagingConfiguration {
  readonly id: string
  readonly applicationId: string
  /** ISO 3166-1 alpha-2, or `all`. */
  readonly country: string
  readonly messagingServiceSid: string
  readonly createdAt: Date
  readonly updatedAt: Date
}
