/** What can be said in a chat. Only a template reaches somebody who has not written in the last 24 hours. */
export type ChatContent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'buttons'; readonly text: string; readonly buttons: readonly Choice[] }
  | { readonly kind: 'list'; readonly text: string; readonly label: string; readonly choices: readonly Choice[] }
  | {
      readonly kind: 'template'
      readonly name: string
      /** The provider's own spelling: `pt_BR`. */
      readonly language: string
      /** Texts of its body, in their order. */
      readonly parameters: readonly string[]
      /** What its quick replies send back, in their order. */
      readonly payloads: readonly string[]
    }

/** Something to tap. Its id comes back when it is. */
export interface Choice {
  readonly id: string
  readonly title: string
  /** Of a list only. */
  readonly description?: string | undefined
}

/** One message to one person that carries no code. */
export interface ChatMessage {
  /** As `spellMessageReference` makes it. */
  readonly reference: string
  /** E.164. */
  readonly to: string
  readonly content: ChatContent
  /** The provider's id of the message that it quotes. */
  readonly quotes?: string
}

/** What a person wrote or tapped. */
export interface InboundMessage {
  readonly providerMessageId: string
  /** Digits with a plus in front, as the provider spells the person. */
  readonly from: string
  readonly at: Date
  /** What they wrote, or the label of what they tapped; empty when it was neither (a picture, a voice message). */
  readonly text: string
  /** The id of what they tapped. */
  readonly choice?: string
  /** The provider's id of the message that they answered. */
  readonly quotes?: string
}
