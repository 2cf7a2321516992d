import { spellId } from '#platform/core/id.ts'
import { messagingIds } from '#messaging/core/ids.ts'
import type { Call } from '#messaging/core/provider-call.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { SimulatedSender } from '#messaging/core/simulated.ts'
import type { MessagingPort } from '#messaging/port.ts'
import { demo } from '#demo/core/demo.ts'

/** What a provider wants in the simulated world, with whose it is. */
export type WantedSender = SimulatedSender & Pick<Sender, 'channel' | 'provider'>

type Senders = Pick<MessagingPort['senders'], 'list' | 'create' | 'change'>

export interface Surroundings {
  /** How the simulator reaches us. */
  readonly ownUrl: string
  readonly callOf: (sender: Sender) => Call
}

/**
 * Makes or mends the test senders that every business of this server shares, as each provider describes its own, and
 * then sets them up in the simulated world.
 */
export async function connectSimulator(
  senders: Senders,
  wanted: readonly WantedSender[],
  { ownUrl, callOf }: Surroundings,
  now: Date,
): Promise<void> {
  const ready: { readonly sender: Sender; readonly setUp: SimulatedSender['setUp'] }[] = []
  for (const one of wanted) ready.push({ sender: await ensure(senders, one, ownUrl, now), setUp: one.setUp })
  for (const { sender, setUp } of ready) await setUp?.(sender, callOf(sender), webhookUrlOf(ownUrl, sender))
}

const webhookUrlOf = (ownUrl: string, { id }: Sender): string =>
  `${ownUrl}/webhooks/${spellId(messagingIds.sender, id)}`

async function ensure(
  senders: Senders,
  { channel, provider, purpose, secrets, configFor }: WantedSender,
  ownUrl: string,
  now: Date,
): Promise<Sender> {
  const { businessId } = demo
  const found = (await senders.list(businessId)).find(
    (one) => one.shared && !one.live && one.provider === provider && one.purpose === purpose,
  )
  const bare = { businessId, live: false, shared: true, channel, provider, purpose, config: {}, secrets }
  const sender = found ?? (await senders.create(bare, now))
  const config = configFor(webhookUrlOf(ownUrl, sender))
  return (await senders.change(businessId, sender.id, { config, secrets }, now)) ?? sender
}
