import { spellId } from '#platform/core/id.ts'
import type { VerificationFacts } from './facts.ts'
import { accessIds } from '#access/core/ids.ts'
import { verificationIds } from '#verification/core/ids.ts'

/**
 * The body of our own webhooks (Standard Webhooks: `type`, `timestamp`, `data`). Made of what never changes, so that it
 * is the same each time it is sent. It is a hint to look, not the state: how things stand now is what the API answers.
 */
export const webhookEvent = (facts: VerificationFacts) => ({
  type: facts.kind,
  timestamp: facts.at.toISOString(),
  data: {
    verification_id: spellId(verificationIds.verification, facts.verificationId),
    delivery_id: facts.deliveryId === undefined ? null : spellId(verificationIds.delivery, facts.deliveryId),
    application_id: spellId(accessIds.application, facts.applicationId),
    to: facts.recipient,
    purpose: facts.purpose,
    test: !facts.live,
    channel: facts.channel ?? null,
    reason: facts.reason ?? null,
    provider_code: facts.providerCode ?? null,
  },
})
