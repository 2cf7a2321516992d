import type { Channel } from '#platform/core/channel.ts'
import type { ChatMessage } from './chat.ts'
import type { FieldError } from './field-error.ts'
import type { Finding } from './finding.ts'
import type { Callback, NewsItem } from './news.ts'
import type { ByHand, Examination, ProviderTemplates } from './provider-account.ts'
import type { Call, ProviderRequest } from './provider-call.ts'
import type { CodeMessage, SendResult } from './send.ts'
import type { Sender } from './sender.ts'
import type { SimulatedSender, SimulatedWorld } from './simulated.ts'

/**
 * A provider is a pure translator between our words and a vendor's wire, and everything that is peculiar to the vendor.
 * It does no I/O: `providers/http.ts` carries requests out, `http/receive.ts` hands bytes in, and what has to talk with
 * the vendor is given a `call`. A member that is absent is something that this provider can't do; nobody outside of the
 * provider's folder asks for its name.
 */
export interface ChannelProvider {
  /** `<channel>-<name>`, as its folder: `sms-http` is `providers/sms/http`. */
  readonly id: string
  readonly channel: Channel
  /** For people, at the start of a sentence. */
  readonly vendor: string
  /** Hosts of the vendor; a live sender calls no other unless the operator allows it. Empty: the operator names it. */
  readonly hosts: readonly string[]
  /**
   * Paths of the vendor's API, to their end; a live sender calls no other, and at the vendor's hosts nothing stands before
   * them. Absent: the sender's settings name the whole URL.
   */
  readonly paths?: RegExp
  /** JSON Schemas (TypeBox) of `Sender.config` and `Sender.secrets`; checked when a sender is added. */
  readonly configSchema: object
  readonly secretsSchema: object

  toRequest(message: CodeMessage, sender: Sender): ProviderRequest
  /** Absent: this provider carries codes only. */
  toChatRequest?(message: ChatMessage, sender: Sender): ProviderRequest
  toResult(httpStatus: number, body: string, sender: Sender): SendResult
  /** Answers a vendor's subscription handshake; undefined when this request is none. */
  answerHandshake?(callback: Callback, sender: Sender): { readonly status: number; readonly body: string } | undefined
  /**
   * Throws `Refusal('webhook_signature_invalid')` when the bytes are not the vendor's. What is told is read item by item
   * as it is asked for, and every text in it can be stored.
   * @param siblings senders of the same business, mode and provider: news of one of them is handed on, where the bytes are
   * signed as its own would be
   */
  readNews(callback: Callback, sender: Sender, siblings?: readonly Sender[]): Iterable<NewsItem>
  /** Whether a sender names the account that a message is for; its news then tell which one is behind a number. */
  wantsIdentity?(sender: Sender): boolean

  /** What the schemas can't say; asked once they are kept. A problem repeats no value. */
  breaksRules?(sender: Pick<Sender, 'config' | 'secrets'>): readonly FieldError[]
  /** Origin or URL of the vendor where the sender's settings name one; a test sender's is in the simulated world. */
  addressOf?(sender: Sender): string | undefined
  /** What a person enters at the vendor beside the webhook URL, by its name in JSON: `{verify_token: …}`. */
  webhookFields?(sender: Sender): Readonly<Record<string, string>>
  /** Points the vendor's webhooks at the URL. Throws what the vendor gave as the reason when it would not. */
  subscribe?(sender: Sender, call: Call, webhookUrl: string): Promise<void>
  readonly templates?: ProviderTemplates
  /** The doctor: looks at a set-up from the vendor's side. Throws only what `call` throws. */
  examine?(sender: Sender, examination: Examination): Promise<readonly Finding[]>
  /** What a person looks at where the doctor can't. */
  byHand(webhookUrl: string): readonly ByHand[]
  /** Its senders in the simulated world; none when that world does not tell of it. */
  simulated?(world: SimulatedWorld): readonly SimulatedSender[]
}

/** Chats with people, and not only codes. */
export const carriesChats = (provider: ChannelProvider | undefined): boolean => provider?.toChatRequest !== undefined
