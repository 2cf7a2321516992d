import { TwilioFault } from './errors.ts'
import type { TwilioTakes } from './takes.ts'

type Takes = Pick<TwilioTakes, 'access' | 'now' | 'verification'>

interface Service {
  readonly businessId: string
  readonly applicationId: string
}

/** So many are canceled at a time, and so many times: what goes on starting is not chased for ever. */
const canceledAtOnce = 50
const roundsMax = 20

/**
 * As with Twilio, what is pending ends with its service. A service that is more than one of this API's, because the
 * business gave it keys, a gateway or a pre-send hook, is taken down where those were made.
 */
export async function deleteService(takes: Takes, service: Service): Promise<void> {
  for (let rounds = 0; rounds < roundsMax; rounds++) {
    if (await isDeleted(takes, service)) return
    if (!(await cancelPending(takes, service))) break
  }
  throw new TwilioFault(60225, 409, 'Conflict: the service has API keys, a gateway or a pre-send hook')
}

async function isDeleted(takes: Takes, { businessId, applicationId }: Service): Promise<boolean> {
  try {
    return await takes.access.businesses.deleteApplication(businessId, applicationId)
  } catch (error) {
    // Something of another module still stands on it (foreign_key_violation).
    if ((error as { code?: unknown }).code === '23503') return false
    throw error
  }
}

/** Whether there were any. */
async function cancelPending(takes: Takes, { businessId, applicationId }: Service): Promise<boolean> {
  const now = takes.now()
  const wanted = { businessId, applicationId, status: 'pending', limit: canceledAtOnce, now } as const
  const found = (await Promise.all([true, false].map((live) => takes.verification.list({ ...wanted, live })))).flat()
  for (const verification of found) {
    const { id } = verification
    await takes.verification.move({ businessId, id }, { kind: 'cancel' }, { loaded: verification })
  }
  return found.length > 0
}
