import type { Caller } from '#platform/core/caller.ts'
import { spellId } from '#platform/core/id.ts'
import { nearestLocale } from '#platform/core/locale.ts'
import { shorten, storable } from '#platform/core/storable-text.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { policyLimits } from '#access/core/policy.ts'
import { readRecipient } from '#platform/http/recipient.ts'
import type { GivenCode } from './system.ts'
import { verificationIds } from '#verification/core/ids.ts'
import { verificationRefusals } from '#verification/core/refusals.ts'
import type { GatewayTakes } from './takes.ts'
import { tellingPerson } from './tell-person.ts'

type Takes = Pick<GatewayTakes, 'access' | 'keys' | 'now' | 'verification'>

/** As Kratos and ZITADEL (codes for a number) have it unless they are told otherwise; the others have a few minutes. */
const codeLivesSeconds = 3600
/** Messages with the same code to the same person within the day that keys are kept. Ten minutes take ten at most. */
const sameCodeMax = 20

/**
 * Sends a code that somebody else made, and checks: a verification that nobody will check here, so it ends by expiring.
 * The answer comes after the commit and before the sending, well within the five seconds that auth servers wait.
 */
export const deliver = (takes: Takes, caller: Caller, system: string, given: GivenCode) =>
  tellingPerson(takes.access, caller, given, () => start(takes, caller, system, given))

async function start(takes: Takes, caller: Caller, system: string, given: GivenCode): Promise<{ readonly id: string }> {
  const cameAt = takes.now().getTime()
  const recipient = readRecipient(given.to)
  const livesMs = (given.repeatedWithinSeconds ?? codeLivesSeconds) * 1000
  for (let turn = 0; turn < sameCodeMax; turn++) {
    const { verification } = await takes.verification.start(caller, {
      recipient,
      code: given.code,
      isCheckedElsewhere: true,
      purpose: system,
      locale: given.locale === undefined ? undefined : nearestLocale(given.locale),
      expiresInSeconds: given.expiresInSeconds === undefined ? undefined : withinLimits(given.expiresInSeconds),
      metadata: given.kind === undefined ? undefined : { kind: shorten(storable(given.kind), 60) },
      idempotency: idempotencyOf(takes.keys, caller, system, recipient, given, turn),
    })
    // A verification older than any retry was another message with the same code: this one tries the next idempotency
    // key. Age is counted from the first call; clock windows would split retries at their edges.
    const ageMs = cameAt - verification.createdAt.getTime()
    if (given.hookId !== undefined || ageMs < livesMs)
      return { id: spellId(verificationIds.verification, verification.id) }
  }
  throw new Refusal(verificationRefusals.send_limit_reached)
}

function idempotencyOf(
  keys: Takes['keys'],
  { live, applicationId }: Caller,
  system: string,
  recipient: string,
  { hookId, code }: GivenCode,
  turn: number,
) {
  const same = hookId === undefined ? ['code', recipient, code, String(turn)] : ['id', hookId]
  const key = keys.fingerprint('gateway', live ? 'live' : 'test', applicationId, system, ...same)
  return {
    // Keyed, so that a short code can't be brute-forced from it.
    key: `gateway:${Buffer.from(key).toString('hex')}`,
    fingerprint: keys.fingerprint('gateway code', recipient, code),
  }
}

function withinLimits(seconds: number): number {
  const { min, max } = policyLimits.expiresInSeconds
  return Math.min(Math.max(Math.round(seconds), min), max)
}
