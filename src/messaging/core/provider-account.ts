import type { Call, ProviderAnswer } from './provider-call.ts'
import type { Sender } from './sender.ts'

/** What the doctor is given to work with. */
export interface Examination {
  readonly call: Call
  /** Where this server takes the sender's receipts. */
  readonly webhookUrl: string
  /** Asks that URL as the vendor would; throws when nothing answers. */
  readonly ask: (url: string) => Promise<ProviderAnswer>
  /** Shortest lifetime that an application of the business gives its codes. */
  readonly expiresInSeconds: number
  readonly now: Date
}

/** What nobody can look at from here, or what may be looked at without the vendor's answer. */
export interface ByHand {
  readonly check: string
  /** What to do, and what has to come of it. */
  readonly what: string
}

/** Message templates that lie at the vendor and have to be approved there. */
export interface ProviderTemplates {
  /** Makes or changes those that codes go out by; a line for each. Throws what the vendor gave as the reason. */
  create(sender: Sender, call: Call): Promise<readonly string[]>
  /** Every template of the account, whoever made it. */
  list(sender: Sender, call: Call): Promise<readonly ListedTemplate[]>
  /** Name of the one that a code goes by when it lives so long; undefined when it goes by none. */
  usedFor(sender: Sender, expiresInSeconds: number): string | undefined
}

export interface ListedTemplate {
  readonly name: string
  /** By the vendor's spelling. */
  readonly language: string
  readonly category: string
  readonly status: string
}
