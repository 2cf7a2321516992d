import type { FastifyRequest } from 'fastify'
import { isKeyOfClient } from '#access/core/api-key.ts'
import type { Caller } from '#platform/core/caller.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { admit, callerOf, requirePermission } from '#platform/http/authenticate.ts'
import { readSid, spellSid } from '#compat/twilio/core/sid.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { TwilioTakes } from './takes.ts'

type Takes = Pick<TwilioTakes, 'access'>

/** HTTP Basic: the user is the account or the key, the password is always one of our API keys. */
export async function authenticateBasic(takes: Takes, request: FastifyRequest): Promise<void> {
  const { authorization } = request.headers
  if (!authorization) throw new Refusal(platformRefusals.credentials_missing)
  const encoded = /^Basic ([A-Za-z0-9+/=_-]{1,600})$/i.exec(authorization)?.[1]
  const [user, key] = split(Buffer.from(encoded ?? '', 'base64').toString('utf8'))
  const caller = isKeyOfClient(key) ? await takes.access.findCaller(key) : undefined
  // The user name has to be this key's: a client that mixes up two accounts must not go on unnoticed.
  if (!caller || ![spellSid('account', caller.businessId), spellSid('apiKey', caller.keyId)].includes(user)) {
    throw new Refusal(platformRefusals.credentials_invalid)
  }
  admit(request, caller)
}

function split(credentials: string): [string, string] {
  const colon = credentials.indexOf(':')
  return colon < 0 ? ['', ''] : [credentials.slice(0, colon), credentials.slice(colon + 1)]
}

/** Who calls, as the application whose service is in the path. Another business's does not exist. */
export async function serviceCaller(takes: Takes, request: FastifyRequest): Promise<Caller> {
  const caller = callerOf(request)
  const applicationId = readSid('service', (request.params as { ServiceSid: string }).ServiceSid)
  if (applicationId === undefined) throw new Refusal(platformRefusals.resource_not_found)
  if (applicationId === caller.applicationId) return caller
  // A vendor's keys are of an account; only ours of the whole business reach beyond their application.
  requirePermission(request, 'access:admin')
  if (!(await takes.access.findApplication(caller.businessId, applicationId)))
    throw new Refusal(platformRefusals.resource_not_found)
  return { ...caller, applicationId }
}
