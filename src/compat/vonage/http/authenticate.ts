import type { FastifyRequest } from 'fastify'
import { isKeyOfClient } from '#access/core/api-key.ts'
import type { KeyCaller } from '#platform/core/caller.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { admit } from '#platform/http/authenticate.ts'
import { vonageApiKey } from '#compat/vonage/core/credentials.ts'
import { findSigner, readToken } from './jwt.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { VonageTakes } from './takes.ts'

type Takes = Pick<VonageTakes, 'access' | 'now' | 'publicKeys'>

/** Basic with our API key as the secret, or a JWT signed with the application's private key. */
export async function authenticateVonage(takes: Takes, request: FastifyRequest): Promise<void> {
  const { authorization } = request.headers
  if (!authorization) throw new Refusal(platformRefusals.credentials_missing)
  const [, scheme = '', credentials = ''] = /^(Basic|Bearer) ([\x21-\x7e]{1,4000})$/i.exec(authorization) ?? []
  const find = scheme.toLowerCase() === 'basic' ? findByKey : findByToken
  const caller = await find(takes, credentials)
  if (!caller) throw new Refusal(platformRefusals.credentials_invalid)
  admit(request, caller)
}

async function findByKey(takes: Takes, credentials: string): Promise<KeyCaller | undefined> {
  const text = Buffer.from(credentials, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  const key = text.slice(colon + 1)
  const caller = colon > 0 && isKeyOfClient(key) ? await takes.access.findCaller(key) : undefined
  return caller && vonageApiKey(caller.businessId) === text.slice(0, colon).toLowerCase() ? caller : undefined
}

/** A token is made outside of us by whoever has the private key: it verifies, and no more. */
const tokenPermissions: ReadonlySet<string> = new Set(['verification:write', 'verification:read', 'compat:read'])

async function findByToken(takes: Takes, text: string): Promise<KeyCaller | undefined> {
  const token = readToken(text)
  const keys = token && (await takes.publicKeys.keysOf(token.applicationId))
  const signer = keys && findSigner(token, keys, takes.now())
  return (
    signer && {
      keyId: signer.id,
      businessId: signer.businessId,
      applicationId: signer.applicationId,
      live: signer.live,
      permissions: tokenPermissions,
    }
  )
}
