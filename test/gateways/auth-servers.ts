import assert from 'node:assert/strict'
import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import type { Server } from '../kit/api.ts'
import {
  auth0Payload,
  clerkPayload,
  keycloakPayload,
  kratosPayload,
  logtoPayload,
  supabasePayload,
  zitadelPayload,
} from './payloads.ts'

/** A call of each system that delivers the code to the number. */
export const payloads = {
  supabase: supabasePayload,
  clerk: clerkPayload,
  zitadel: zitadelPayload,
  logto: logtoPayload,
  kratos: kratosPayload,
  auth0: auth0Payload,
  keycloak: keycloakPayload,
} as const

export type SystemName = keyof typeof payloads

export const systemNames = Object.keys(payloads) as SystemName[]

export const signs = (system: SystemName): boolean => ['supabase', 'clerk', 'zitadel'].includes(system)

export interface AuthServers {
  /** What those that sign do it with. */
  readonly secret: string
  path(system: SystemName): string
  /** What it proves itself with, for this very text. */
  proof(system: SystemName, text: string, secret?: string): Record<string, string>
}

/** Every auth server, set up as the guides say. */
export async function connectAuthServers(server: Server): Promise<AuthServers> {
  const ownSecret = `whsec_${randomBytes(24).toString('base64')}`
  const paths = new Map<string, string>()
  for (const system of systemNames.filter(signs)) {
    const made = await server.call('POST', '/v1/gateways', { system, secret: ownSecret })
    assert.equal(made.status, 201, JSON.stringify(made.body))
    paths.set(system, new URL(made.body.url).pathname)
  }
  return {
    secret: ownSecret,
    path: (system) => paths.get(system) ?? `/v1/gateway/${system}`,
    proof(system, text, secret = ownSecret) {
      if (!signs(system)) return { authorization: `Bearer ${server.key}` }
      const at = new Date()
      const seconds = String(Math.floor(at.getTime() / 1000))
      if (system === 'zitadel') {
        const signature = createHmac('sha256', secret).update(`${seconds}.${text}`).digest('hex')
        return { 'zitadel-signature': `t=${seconds},v1=${signature}` }
      }
      const prefix = system === 'supabase' ? 'webhook' : 'svix'
      const id = randomUUID()
      return {
        [`${prefix}-id`]: id,
        [`${prefix}-timestamp`]: seconds,
        [`${prefix}-signature`]: new Webhook(secret).sign(id, at, text),
      }
    },
  }
}
