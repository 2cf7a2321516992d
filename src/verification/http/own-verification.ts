import type { FastifyRequest } from 'fastify'
import { readId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { callerOf } from '#platform/http/authenticate.ts'
import { verificationIds } from '#verification/core/ids.ts'
import { verificationRefusals } from '#verification/core/refusals.ts'
import type { Verification } from '#verification/core/verification.ts'
import type { Flows } from '#verification/flows/flows.ts'

export function verificationId(spelled: string): string {
  const id = readId(verificationIds.verification, spelled)
  if (id === undefined) throw new Refusal(verificationRefusals.verification_not_found)
  return id
}

/** The caller's own in the key's mode: a test key neither sees nor moves a live verification, nor the other way round. */
export async function ownVerification(
  { load }: Pick<Flows, 'load'>,
  request: FastifyRequest,
  spelled: string,
): Promise<Verification> {
  const { businessId, live } = callerOf(request)
  const verification = await load({ businessId, id: verificationId(spelled) })
  if (!verification || verification.live !== live) throw new Refusal(verificationRefusals.verification_not_found)
  return verification
}
