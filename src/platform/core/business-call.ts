/** A request to a business's own server: bytes and headers as they leave. */
export interface BusinessRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What came of it, in the words that the list of webhook deliveries shows. */
export interface BusinessAnswer {
  /** Absent: there was no answer. */
  readonly status?: number
  readonly problem?: 'answered_with_error' | 'redirected' | 'timed_out' | 'no_connection' | 'address_forbidden'
  readonly retryAfterMs?: number
}
