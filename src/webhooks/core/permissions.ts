import type { Permissions } from '#platform/core/permission.ts'

/** What keys may be allowed here. */
export const webhooksPermissions = {
  'webhooks:read': { about: 'read webhook endpoints and what was sent to them', scopes: ['read'] },
  'webhooks:admin': { about: 'make, change and remove webhook endpoints; send again', scopes: [] },
} as const satisfies Permissions
