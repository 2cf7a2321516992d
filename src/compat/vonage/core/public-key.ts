/** What an application's JWTs are verified with in one mode. */
export interface PublicKey {
  readonly id: string
  readonly businessId: string
  readonly applicationId: string
  readonly live: boolean
  /** SubjectPublicKeyInfo. */
  readonly pem: string
  /** SHA-256 of its DER form, in hex. */
  readonly fingerprint: string
  readonly createdAt: Date
}
