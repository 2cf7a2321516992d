import type { AccessPort } from '#access/port.ts'
import type { Module, ModuleFacts } from '#platform/module.ts'
import type { Platform } from '#platform/open-platform.ts'
import type { VerificationPort } from '#verification/port.ts'
import { gatewaysPermissions } from './core/permissions.ts'
import { gatewaysIds } from './core/ids.ts'
import { gatewayResourceRoutes } from './http/gateways.ts'
import { gatewayRoutes } from './http/routes.ts'
import { CachedGatewayStore } from './store/cached-gateways.ts'
import { GatewayStore } from './store/gateways.ts'

export const gatewaysFacts = {
  name: 'gateways',
  permissions: gatewaysPermissions,
  ids: gatewaysIds,
  sealed: [{ name: 'gateways', rotate: (database, keyring) => new GatewayStore(database, keyring).rotate() }],
} as const satisfies ModuleFacts

export interface GatewaysOptions {
  readonly access: AccessPort
  readonly verification: VerificationPort
}

/** Auth servers that make the codes themselves, and have them brought to the phone. */
export function openGateways(platform: Platform, { access, verification }: GatewaysOptions) {
  const { database, keyring, now, addresses, idempotent } = platform
  const takes = {
    access,
    verification,
    gateways: new CachedGatewayStore(database, keyring),
    keys: keyring,
    now,
    publicUrl: addresses.public,
    answerOnce: idempotent.answerOnce,
  }
  return {
    name: gatewaysFacts.name,
    async routes(app) {
      await app.register(gatewayResourceRoutes(takes), { prefix: '/v1' })
      await app.register(gatewayRoutes(takes), { prefix: '/v1/gateway' })
    },
  } satisfies Module
}
