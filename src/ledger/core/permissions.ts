import type { Permissions } from '#platform/core/permission.ts'

/** What keys may be allowed here. */
export const ledgerPermissions = {
  'ledger:write': { about: 'open accounts and move money between them', scopes: [] },
  'ledger:read': { about: 'read accounts and transfers', scopes: ['read'] },
} as const satisfies Permissions
