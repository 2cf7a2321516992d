import type { Policy } from '#access/core/policy.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { Caller } from '#platform/core/caller.ts'
import { normaliseCode } from '#verification/core/code.ts'
import type { CompatTakes } from './takes.ts'

type Takes = Pick<CompatTakes, 'access'>

/** The digits that the caller's application asks of every code, whichever API its start came by. */
export async function codeFloor(takes: Takes, { businessId, applicationId }: Caller): Promise<number> {
  const application = await takes.access.findApplication(businessId, applicationId)
  if (!application) throw new Refusal(platformRefusals.credentials_invalid)
  const { codeLength }: Policy = application.policy
  return codeLength
}

/** What a vendor's call asks for, or leaves to the vendor's own short default, raised to the floor. */
export const raisedTo = (floor: number, codeLength: number | undefined): number => Math.max(floor, codeLength ?? floor)

/** A caller's own code cannot be raised. One that is none at all is told apart by whoever takes it. */
export const isBelow = (floor: number, code: string | undefined): boolean => {
  const digits = code === undefined ? undefined : normaliseCode(code)
  return digits !== undefined && digits.length < floor
}
