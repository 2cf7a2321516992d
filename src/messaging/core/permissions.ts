import type { Permissions } from '#platform/core/permission.ts'

/** What keys may be allowed here. */
export const messagingPermissions = {
  'messaging:chat': { about: 'send messages of a chat', scopes: ['chat'] },
  'messaging:read': { about: 'read messages of chats', scopes: ['chat', 'read'] },
  'messaging:senders': { about: 'list senders', scopes: ['read'] },
  'messaging:admin': { about: 'add, change and remove senders', scopes: [] },
} as const satisfies Permissions
