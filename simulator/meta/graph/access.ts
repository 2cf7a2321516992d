import type { FastifyRequest } from 'fastify'
import type { World } from '../../world/world.ts'
import { managementScope, messagingScope } from '../account.ts'
import { GraphError } from './errors.ts'
import type { Fields } from './fields.ts'

/** `app` is the token `{app_id}|{app_secret}`, which opens the app and nothing else. */
export type Bearer = 'user' | 'app'

export function authenticate({ account, clock }: World, request: FastifyRequest, fields: Fields): Bearer {
  const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const token = given ?? fields['access_token']
  if (token === undefined)
    throw new GraphError(104, undefined, { message: 'An access token is required to request this resource.' })
  if (token === `${account.appId}|${account.appSecret}`) return 'app'
  if (typeof token === 'string' && /^\d+\|/.test(token)) throw refused('Invalid OAuth access token signature.')
  if (token !== account.accessToken || !account.isTokenValid)
    throw refused('Invalid OAuth access token - Cannot parse access token')
  if (account.tokenExpiresAt > 0 && account.tokenExpiresAt * 1000 <= clock.now())
    throw refused('Error validating access token: Session has expired', 463)
  return 'user'
}

const refused = (message: string, subcode?: number): GraphError =>
  new GraphError(190, undefined, { message, ...(subcode !== undefined && { subcode }) })

/** Sending asks for another permission than everything else. */
export function authorise({ account }: World, edge: string): void {
  if (!account.scopes.includes(edge === 'messages' ? messagingScope : managementScope)) throw new GraphError(10)
}
