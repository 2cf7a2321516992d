import type { Caller } from '#core/access/business.ts'
import { spellId } from '#core/access/id.ts'
import { policyLimits } from '#core/verification/policy.ts'
import { startVerification } from '#flows/start-verification.ts'
import type { Context } from '#http/context.ts'
import { readRecipient } from '#http/recipient.ts'
import type { GivenCode } from './system.ts'

/**
 * Where the same code may be meant for sending again, only a call within this is taken for the repetition of one whose
 * answer was lost. Its edges are the clock's: who must not send twice across one gives an Idempotency-Key.
 */
const repetitionMs = 30_000

const locales = ['en', 'id', 'es', 'pt-BR'] as const

/**
 * Sends a code that somebody else made, and checks: a verification that nobody will check here, so it ends by expiring.
 * The answer comes after the commit and before the sending, well within the five seconds that auth servers wait.
 */
export async function deliver(
  context: Context,
  caller: Caller,
  system: string,
  given: GivenCode,
): Promise<{ readonly id: string }> {
  const { world } = context
  const recipient = readRecipient(given.to)
  const { verification } = await startVerification(world, caller, {
    recipient,
    code: given.code,
    purpose: system,
    locale: given.locale === undefined ? undefined : readLocale(given.locale),
    expiresInSeconds: given.expiresInSeconds === undefined ? undefined : withinLimits(given.expiresInSeconds),
    metadata: given.kind === undefined ? undefined : { kind: given.kind.slice(0, 60).toWellFormed() },
    idempotency: idempotencyOf(context, caller, system, recipient, given),
  })
  return { id: spellId('verification', verification.id) }
}

function idempotencyOf(
  { world: { keys, now } }: Context,
  { live, applicationId }: Caller,
  system: string,
  recipient: string,
  { hookId, code, isCodeKept = false }: GivenCode,
) {
  const window = isCodeKept ? String(Math.floor(now().getTime() / repetitionMs)) : ''
  const same = hookId === undefined ? ['code', recipient, code, window] : ['id', hookId]
  const key = keys.fingerprint('gateway', live ? 'live' : 'test', applicationId, system, ...same)
  return {
    // A code of few digits is found from its MAC by nobody who does not have the key.
    key: `gateway:${Buffer.from(key).toString('hex')}`,
    fingerprint: keys.fingerprint('gateway code', recipient, code),
  }
}

function readLocale(given: string): string | undefined {
  const wanted = given.replace('_', '-').toLowerCase()
  const language = wanted.split('-')[0] as string
  return locales.find((one) => one.toLowerCase() === wanted) ?? locales.find((one) => one.split('-')[0] === language)
}

function withinLimits(seconds: number): number {
  const { min, max } = policyLimits.expiresInSeconds
  return Math.min(Math.max(Math.round(seconds), min), max)
}
