import type { Permissions } from '#platform/core/permission.ts'

/** What keys may be allowed here. */
export const verificationPermissions = {
  'verification:write': { about: 'start, check, send again and cancel verifications', scopes: ['verify'] },
  'verification:read': { about: 'read verifications', scopes: ['verify', 'read'] },
  'verification:settings': { about: 'read what is asked before a sending', scopes: ['read'] },
  'verification:admin': { about: 'change what is asked before a sending', scopes: [] },
} as const satisfies Permissions
