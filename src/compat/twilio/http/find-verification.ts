import type { Caller } from '#platform/core/caller.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { Verification } from '#verification/core/verification.ts'
import { readRecipient } from '#platform/http/recipient.ts'
import { readSid } from '#compat/twilio/core/sid.ts'
import { verificationRefusals } from '#verification/core/refusals.ts'
import type { TwilioTakes } from './takes.ts'

type Takes = Pick<TwilioTakes, 'now' | 'verification'>

/** Twilio knows one purpose only; what was started natively for another one is not seen from here. */
export const purpose = 'verification'

/** By its sid, or by the recipient's number or address: then the newest one of the service. */
export async function findVerification(takes: Takes, caller: Caller, named: string): Promise<Verification> {
  const id = readSid('verification', named)
  const found = id === undefined ? await newestTo(takes, caller, named) : await byId(takes, caller, id)
  if (!found) throw new Refusal(verificationRefusals.verification_not_found)
  return found
}

async function byId(takes: Takes, caller: Caller, id: string): Promise<Verification | undefined> {
  const found = await takes.verification.load({ businessId: caller.businessId, id })
  return found && found.live === caller.live && found.applicationId === caller.applicationId ? found : undefined
}

async function newestTo(takes: Takes, caller: Caller, named: string): Promise<Verification | undefined> {
  const { businessId, applicationId, live } = caller
  const recipient = recipientNamed(named)
  const now = takes.now()
  if (recipient === undefined) return undefined
  const [found] = await takes.verification.list({
    businessId,
    applicationId,
    live,
    recipient,
    isExact: true,
    purpose,
    limit: 1,
    now,
  })
  return found
}

function recipientNamed(named: string): string | undefined {
  try {
    return readRecipient(named)
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}
