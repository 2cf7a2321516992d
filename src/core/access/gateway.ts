/** Auth servers that prove themselves by a signature; the others carry an API key. */
export const signingSystems = ['supabase', 'clerk', 'zitadel'] as const

export type SigningSystem = (typeof signingSystems)[number]

/** Where such an auth server has the codes that it made delivered: for one application, in one mode. */
export interface Gateway {
  readonly businessId: string
  readonly id: string
  readonly applicationId: string
  readonly live: boolean
  readonly system: SigningSystem
  /** What it signs with. */
  readonly secret: string
  readonly createdAt: Date
}

export type GatewayRecord = Omit<Gateway, 'secret'>
