import type { Permissions } from '#platform/core/permission.ts'

/** What keys may be allowed here. */
export const totpPermissions = {
  'totp:write': { about: 'bind authenticator apps, and check their codes', scopes: ['verify'] },
  'totp:read': { about: 'read authenticator apps', scopes: ['verify', 'read'] },
} as const satisfies Permissions
