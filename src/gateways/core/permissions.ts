import type { Permissions } from '#platform/core/permission.ts'

/** What keys may be allowed here. */
export const gatewaysPermissions = {
  'gateways:read': { about: 'list gateways', scopes: ['read'] },
  'gateways:admin': { about: 'make and remove gateways', scopes: [] },
} as const satisfies Permissions
