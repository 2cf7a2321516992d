import type { TotpChallenge, TotpEntity, TotpFactor } from '#totp/core/factor.ts'
import { twilioTime } from '#compat/twilio/http/represent.ts'
import { spellSid } from '#compat/twilio/core/sid.ts'

const namesOf = (entity: TotpEntity) => ({
  account_sid: spellSid('account', entity.businessId),
  service_sid: spellSid('service', entity.applicationId),
})

const urlOf = (entity: TotpEntity, publicUrl: string): string =>
  `${publicUrl}/v2/Services/${spellSid('service', entity.applicationId)}/Entities/${entity.identity}`

export function representEntity(entity: TotpEntity, publicUrl: string) {
  const url = urlOf(entity, publicUrl)
  return {
    sid: spellSid('entity', entity.id),
    identity: entity.identity,
    ...namesOf(entity),
    date_created: twilioTime(entity.createdAt),
    date_updated: twilioTime(entity.createdAt),
    url,
    links: { factors: `${url}/Factors`, new_factors: `${url}/Factors`, challenges: `${url}/Challenges` },
  }
}

export function representFactor(entity: TotpEntity, factor: TotpFactor, publicUrl: string) {
  const sid = spellSid('factor', factor.id)
  const { algorithm, codeLength, skewSteps, timeStepSeconds } = factor.config
  return {
    sid,
    ...namesOf(entity),
    entity_sid: spellSid('entity', entity.id),
    identity: entity.identity,
    date_created: twilioTime(factor.createdAt),
    date_updated: twilioTime(factor.updatedAt),
    friendly_name: factor.friendlyName,
    status: factor.verifiedAt ? 'verified' : 'unverified',
    factor_type: 'totp',
    config: { alg: algorithm, skew: skewSteps, code_length: codeLength, time_step: timeStepSeconds },
    metadata: factor.metadata ?? null,
    url: `${urlOf(entity, publicUrl)}/Factors/${sid}`,
  }
}

export function representChallenge(entity: TotpEntity, challenge: TotpChallenge, now: Date, publicUrl: string) {
  const sid = spellSid('challenge', challenge.id)
  const url = `${urlOf(entity, publicUrl)}/Challenges/${sid}`
  const { approvedAt } = challenge
  return {
    sid,
    ...namesOf(entity),
    entity_sid: spellSid('entity', entity.id),
    identity: entity.identity,
    factor_sid: spellSid('factor', challenge.factorId),
    date_created: twilioTime(challenge.createdAt),
    date_updated: twilioTime(approvedAt ?? challenge.createdAt),
    date_responded: approvedAt ? twilioTime(approvedAt) : null,
    expiration_date: twilioTime(challenge.expiresAt),
    status: challengeStatus(challenge, now),
    // Never empty: the vendor’s typed clients know no null for it. Nobody denies a code, so there is no other reason.
    responded_reason: 'none',
    details: challenge.details ?? null,
    hidden_details: challenge.hiddenDetails ?? null,
    metadata: null,
    factor_type: 'totp',
    url,
    links: { notifications: `${url}/Notifications` },
  }
}

export function challengeStatus(
  { approvedAt, expiresAt }: TotpChallenge,
  now: Date,
): 'approved' | 'expired' | 'pending' {
  if (approvedAt) return 'approved'
  return expiresAt <= now ? 'expired' : 'pending'
}
