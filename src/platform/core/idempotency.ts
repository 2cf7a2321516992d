/** The Idempotency-Key of a request, with whose it is, and what was asked under it. */
export interface Idempotency {
  readonly key: string
  /** MAC of the request, so that the same key with another body is noticed. */
  readonly fingerprint: Uint8Array
}

export interface StoredAnswer {
  readonly status: number
  readonly body: unknown
}
