import type { Callback, Receipt } from '#messaging/core/news.ts'
import type { Examination } from '#messaging/core/provider-account.ts'
import type { CodeMessage, SendResult } from '#messaging/core/send.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { SimulatedWorld } from '#messaging/core/simulated.ts'

/** An answer as a vendor gave it, and what it means. */
export interface Exchange {
  readonly name: string
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
  readonly means: Partial<SendResult> & { readonly outcome: SendResult['outcome'] }
}

export interface RecordedCallback {
  readonly name: string
  /** As it came over the wire. */
  readonly body: string
  readonly receipts: readonly Partial<Receipt>[]
  readonly denials?: number
}

/** Settings that the schemas let through and the rules do not. */
export interface BrokenSettings {
  readonly name: string
  readonly settings: Partial<Pick<Sender, 'config' | 'secrets'>>
  /** Where the problem is reported. */
  readonly path: string
}

/** What the contract needs of one provider to try it with. */
export interface ContractCase {
  /** A sender whose vendor is at this address. */
  readonly senderAt: (origin: string) => Sender
  readonly exchanges: readonly Exchange[]
  readonly callbacks: readonly RecordedCallback[]
  /** Signs a body the way the vendor does. */
  readonly sign: (body: string, sender: Sender) => Partial<Callback>
  /** Of a provider with rules. */
  readonly broken?: readonly BrokenSettings[]
  /** Of a provider with a doctor: a set-up in which it finds nothing wrong. */
  readonly well?: { readonly sender: Sender; readonly examination: Examination }
  /** Of a provider in the simulated world: what that world tells of it. */
  readonly facts?: SimulatedWorld['facts']
}

/** One thing that every provider has to do. Throws when it does not. */
export interface Check {
  readonly name: string
  readonly run: () => void | Promise<void>
}

export const contractMessage: CodeMessage = {
  reference: '0190a000000070008000000000000001.0190a000000070008000000000000002',
  to: '+5511987654321',
  code: '4839201',
  locale: 'pt-BR',
  brand: 'Padaria "São João"',
  expiresInSeconds: 300,
}
