import type { FailureReason } from '#messaging/core/failure.ts'

/** Thrown by a provider's `toRequest` when this message must not go out by this channel; the next one may have it. */
export class CannotSend extends Error {
  readonly reason: FailureReason

  constructor(reason: FailureReason, detail: string) {
    super(detail)
    this.name = 'CannotSend'
    this.reason = reason
  }
}
