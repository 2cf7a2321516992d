import type { Permissions } from './permission.ts'

/** What keys may be allowed here. Of which subjects a stream tells depends on the permission that each subject names. */
export const platformPermissions = {
  'events:read': { about: 'follow events live', scopes: ['verify', 'chat', 'read'] },
  'recipients:export': { about: 'hand over everything that is kept of a person', scopes: [] },
  'recipients:erase': { about: 'erase a person', scopes: [] },
} as const satisfies Permissions
