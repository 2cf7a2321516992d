import type { Application } from '#access/core/business.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { type Channel, offeredChannels } from '#platform/core/channel.ts'
import type { Sender } from '#messaging/core/sender.ts'
import type { Verification } from '#verification/core/verification.ts'
import type { Outside } from './outside.ts'
import { channelsFor } from '#messaging/core/recipient.ts'
import { stepWaitDefaultSeconds, type WorkflowStep, type WorkflowTemplateStep } from '#access/core/policy.ts'
import { messagingRefusals } from '#messaging/core/refusals.ts'

interface Wanted {
  readonly recipient: string
  readonly channel?: Channel | undefined
  readonly workflow?: readonly WorkflowTemplateStep[] | undefined
}

/**
 * Fits a workflow with senders. What the caller named must exist; what the application has by default is used as far
 * as there are senders. Only authentication senders of the mode are looked at: codes go through no other, and those carry
 * nothing but codes.
 */
export function chooseWorkflow(
  senders: readonly Sender[],
  live: boolean,
  application: Application | undefined,
  wanted: Wanted,
): [WorkflowStep, ...WorkflowStep[]] {
  const usable = senders.filter((sender) => sender.live === live && sender.purpose === 'authentication')
  const suitable = channelsFor(wanted.recipient)
  const fit = (step: WorkflowTemplateStep): WorkflowStep | undefined => {
    const sender = usable.find(({ channel }) => channel === step.channel && suitable.includes(channel))
    return sender && { channel: step.channel, waitSeconds: step.waitSeconds, senderId: sender.id }
  }
  const named = wanted.channel ? [{ channel: wanted.channel, waitSeconds: stepWaitDefaultSeconds }] : wanted.workflow
  const refused = () => {
    const errors = [whyUnavailable(wanted.recipient, live, usable)]
    return new Refusal(messagingRefusals.channel_unavailable, { errors })
  }
  const fitted = (named ?? application?.workflow ?? []).map(fit)
  if (named && fitted.includes(undefined)) throw refused()
  const [first, ...rest] = fitted.filter((step) => step !== undefined)
  if (!first) throw refused()
  return [first, ...rest]
}

/** Which channels there are instead. */
function whyUnavailable(recipient: string, live: boolean, usable: readonly Sender[]) {
  const path = 'channel'
  const suitable = channelsFor(recipient)
  const offered = offeredChannels.filter((channel) => suitable.includes(channel))
  if (offered.length === 0)
    return { path: 'to', problem: `must be a phone number: codes go by ${offeredChannels.join(', ')}` }
  const there = offered.filter((one) => usable.some(({ channel }) => channel === one))
  if (there.length > 0) return { path, problem: `must be one that has a sender: ${there.join(', ')}` }
  const mode = live ? 'live' : 'test'
  return {
    path,
    problem: `has no ${mode} sender of purpose authentication; there may be one for ${offered.join(', ')}`,
  }
}

/** The step to a channel that was named for a pending verification: it must suit the recipient and have a sender. */
export async function stepTo(
  { listSenders }: Pick<Outside, 'listSenders'>,
  { businessId, live, recipient }: Pick<Verification, 'businessId' | 'live' | 'recipient'>,
  channel: Channel,
): Promise<WorkflowStep> {
  const [step] = chooseWorkflow(await listSenders(businessId), live, undefined, { recipient, channel })
  return step
}
