import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

/** A time of a request that has the form of one (`date-time`, RFC 3339). A leap second has it, and is still no time of ours. */
export function readTime(spelled: string, path: string): Date {
  const time = new Date(spelled)
  if (Number.isNaN(time.getTime()))
    throw new Refusal(platformRefusals.body_invalid, { errors: [{ path, problem: 'must be a time' }] })
  return time
}
