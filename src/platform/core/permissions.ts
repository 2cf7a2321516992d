import type { Permissions } from './permission.ts'

/** What keys may be allowed here. Of which subjects a stream tells depends on the permission that each subject names. */
export const platformPermissions = {
  'recipients:admin': { about: 'hand over and erase what is kept of a person', scopes: [] },
  'events:read': { about: 'follow events live', scopes: ['verify', 'chat', 'read'] },
} as const satisfies Permissions
