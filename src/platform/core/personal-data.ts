/** A person, for those who keep something of them. */
export interface Person {
  readonly businessId: string
  /** In which of the two worlds; `true` is live. */
  readonly modes: readonly boolean[]
  /** As `personOf` spells it; undefined after a restore, where nobody knows who it was. */
  readonly spelled: string | undefined
  /** What stands for them (`People`). */
  readonly key: string
  /** Only what was there by then. */
  readonly before: Date
}

/** One thing that is kept of a person, as it is handed over. */
export interface PersonalItem {
  readonly id: string
  readonly item: Readonly<Record<string, unknown>>
}
