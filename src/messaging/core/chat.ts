import type { PersonTold } from './contact.ts'

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
  readonly to: ChatAddress
  readonly content: ChatContent
  /** The provider's id of the message that it quotes. */
  readonly quotes?: string
  /** The account that it is for, as the provider knows it: another one behind the same number does not get it. */
  readonly identityKeyHash?: string
}

/** E.164, or the id that a provider has given somebody whose number it does not tell. Never one for the other. */
export type ChatAddress = { readonly phone: string } | { readonly userId: string }

/** What a person wrote or tapped. */
export interface InboundMessage {
  readonly providerMessageId: string
  readonly from: PersonTold
  readonly at: Date
  /** The provider's word for what it is: `text`, `image`, `edit`, also one that nobody here knows. */
  readonly type: string
  /** What they wrote, the label of what they tapped, what stands under a picture; empty when it was none of it. */
  readonly text: string
  /** The id of what they tapped. */
  readonly choice?: string
  /** The provider's id of the message that they answered, edited, took back or reacted to. */
  readonly quotes?: string
  /** The provider's id of the group in which it was said. */
  readonly group?: string
}
