/** Whose earlier codes are looked at. */
export interface ProvenQuestion {
  readonly businessId: string
  readonly live: boolean
  readonly recipient: string
  /** The code that asks, which nobody can have entered yet. */
  readonly codeId: string
  readonly now: Date
}
