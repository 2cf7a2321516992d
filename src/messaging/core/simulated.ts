import type { Call } from './provider-call.ts'
import type { Sender, SenderPurpose } from './sender.ts'

/** The simulated world, as a provider sees it. */
export interface SimulatedWorld {
  /** `http://127.0.0.1:3000/simulator` */
  readonly url: string
  /** What the simulator tells about itself at `GET …/meta`; each provider reads its own members. */
  readonly facts: Readonly<Record<string, unknown>>
}

/** A test sender that every business of the server shares. One a provider and purpose. */
export interface SimulatedSender {
  readonly purpose: SenderPurpose
  /** @param webhookUrl where the simulated vendor reaches us */
  readonly configFor: (webhookUrl: string) => Sender['config']
  readonly secrets: Sender['secrets']
  /** Prepares the simulated vendor through its own API. It has a short memory, so this happens at every start. */
  readonly setUp?: (sender: Sender, call: Call, webhookUrl: string) => Promise<void>
}
