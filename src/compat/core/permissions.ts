import type { Permissions } from '#platform/core/permission.ts'

/** What keys may be allowed here. */
export const compatPermissions = {
  'compat:read': {
    about: 'read what a vendor’s API keeps: rate limits, safe numbers, templates, public keys',
    scopes: ['verify', 'read'],
  },
  'compat:admin': { about: 'change what a vendor’s API keeps', scopes: [] },
} as const satisfies Permissions
