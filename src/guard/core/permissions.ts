import type { Permissions } from '#platform/core/permission.ts'

/** What keys may be allowed here. */
export const guardPermissions = {
  'guard:read': { about: 'read the rules of the guard, and what they refused', scopes: ['read'] },
  'guard:admin': { about: 'set the rules of the guard', scopes: [] },
} as const satisfies Permissions
