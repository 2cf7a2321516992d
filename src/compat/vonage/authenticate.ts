import type { FastifyRequest } from 'fastify'
import { apiKeyPattern } from '#access/core/api-key.ts'
import type { Caller } from '#platform/core/caller.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { Context } from '#platform/http/context.ts'
import { findSigner, readToken } from './jwt.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

/** The user name of Basic: the last 8 hex digits of the business, as short as Vonage's own. */
const vonageApiKey = (businessId: string): string => businessId.slice(-8)

/** Basic with our API key as the secret, or a JWT signed with the application's private key. */
export async function authenticateVonage(context: Context, request: FastifyRequest): Promise<void> {
  const { authorization } = request.headers
  if (!authorization) throw new Refusal(platformRefusals.credentials_missing)
  const [, scheme = '', credentials = ''] = /^(Basic|Bearer) ([\x21-\x7e]{1,4000})$/i.exec(authorization) ?? []
  const find = scheme.toLowerCase() === 'basic' ? findByKey : findByToken
  const caller = await find(context, credentials)
  if (!caller) throw new Refusal(platformRefusals.credentials_invalid)
  request.caller = caller
}

async function findByKey(context: Context, credentials: string): Promise<Caller | undefined> {
  const text = Buffer.from(credentials, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  const key = text.slice(colon + 1)
  const caller = colon > 0 && apiKeyPattern.test(key) ? await context.findCaller(key) : undefined
  return caller && vonageApiKey(caller.businessId) === text.slice(0, colon).toLowerCase() ? caller : undefined
}

async function findByToken(context: Context, text: string): Promise<Caller | undefined> {
  const token = readToken(text)
  const keys = token && (await context.publicKeys.ofApplication(token.applicationId))
  const signer = keys && findSigner(token, keys, context.outside.now())
  return (
    signer && {
      keyId: signer.id,
      businessId: signer.businessId,
      applicationId: signer.applicationId,
      live: signer.live,
    }
  )
}
