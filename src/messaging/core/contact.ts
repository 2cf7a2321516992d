/** A person as a provider tells of them: at least one of number and id. */
export interface PersonTold {
  /** E.164, as it is dialled today. */
  readonly phone?: string
  /** WhatsApp's own id of a person for one business portfolio: `BR.1502…`. It is no number, and none is made of it. */
  readonly userId?: string
  /** How they call themselves. */
  readonly name?: string
  readonly username?: string
}

/** Who was known as the one is the other from now on. */
export interface PersonChange {
  /** The provider's id of the message that says so: told twice it is one change. */
  readonly providerMessageId: string
  /** A new number, told or not, or only a new id. */
  readonly kind: 'number' | 'id'
  readonly before: PersonTold
  readonly after: PersonTold
  readonly at: Date
}

/** A person in a chat: a number, ids that providers know them by, or both. */
export interface Contact {
  /** UUID. */
  readonly id: string
  /** E.164; absent of somebody whose number nobody has told. */
  readonly phone?: string
  readonly userIds: readonly { readonly userId: string; readonly senderId?: string }[]
  readonly name?: string
  readonly username?: string
}
