/** How a verification went up to one of its events, as far as that never changes. */
export interface Course {
  readonly createdAt: Date
  readonly clientRef?: string
  readonly workflow: readonly { readonly channel: string; readonly waitSeconds: number }[]
  /** Oldest first. */
  readonly sendings: readonly {
    readonly deliveryId: string
    readonly stepIndex: number
    readonly channel: string
    readonly queuedAt: Date
    /** Before the event. */
    readonly hasFailed: boolean
  }[]
}

/** Which course: of a verification, up to the event with this number. */
export interface CourseKey {
  readonly businessId: string
  readonly verificationId: string
  readonly sequence: string
}
