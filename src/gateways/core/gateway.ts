/** Auth servers that prove themselves by a signature; the others carry an API key. */
export const signingSystems = ['supabase', 'clerk', 'zitadel'] as const

export type SigningSystem = (typeof signingSystems)[number]

/**
 * Where such an auth server has the codes that it made delivered: for one application, in one mode. It is a credential
 * of its own, and goes on when the key that made it is revoked.
 */
export interface Gateway {
  readonly businessId: string
  readonly id: string
  readonly applicationId: string
  readonly live: boolean
  readonly system: SigningSystem
  /** What it signs with. */
  readonly secret: string
  readonly createdAt: Date
  readonly madeByKeyId: string
}

/** As it is shown: never with what it signs with. */
export type GatewayRecord = Omit<Gateway, 'secret'>

export type NewGateway = Omit<Gateway, 'id' | 'createdAt'>
