import type { Caller } from '#platform/core/caller.ts'
import { nearestLocale } from '#platform/core/locale.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { personText } from '#gateways/core/person-text.ts'
import { natureOf } from './natures.ts'
import type { GivenCode } from './system.ts'
import type { GatewayTakes } from './takes.ts'

/**
 * Delivers, and puts what the person at the phone has to know of a refusal into their language: the one that the auth
 * server told, or that of the application.
 */
export async function tellingPerson<Outcome>(
  access: GatewayTakes['access'],
  caller: Caller,
  given: Pick<GivenCode, 'locale'>,
  delivering: () => Promise<Outcome>,
): Promise<Outcome> {
  try {
    return await delivering()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const situation = situationOf(error)
    if (situation === undefined) throw error
    const application = await access.findApplication(caller.businessId, caller.applicationId)
    const locale = nearestLocale(given.locale ?? '') ?? nearestLocale(application?.locale ?? '') ?? 'en'
    throw new Refusal(error.entry, { ...error.facts, toPerson: personText(situation, locale) })
  }
}

function situationOf(refusal: Refusal) {
  const nature = natureOf(refusal)
  if (nature === 'limit') return 'enough'
  if (nature !== 'person') return undefined
  if (refusal.code === 'recipient_invalid') return 'not_a_number'
  return refusal.code === 'code_unsuitable' ? 'unsendable' : 'unreachable'
}
