import type { Permissions } from '#platform/core/permission.ts'

/** What keys may be allowed here. */
export const accessPermissions = {
  'access:read': {
    about: 'read applications, and what vendors’ clients are given for them',
    scopes: ['verify', 'chat', 'read'],
  },
  'access:keys': { about: 'list API keys', scopes: ['read'] },
  'access:admin': { about: 'change applications; make and revoke API keys', scopes: [] },
} as const satisfies Permissions
