import type { ColumnType } from 'kysely'
import type { PolicyChanges } from '#guard/core/policy.ts'
import type { PlatformTables } from '#platform/database/tables.ts'

/** The tables of this module that are asked by name; the others are the functions' own. */
export interface GuardTables extends PlatformTables {
  guard_policy: {
    business_id: string
    application_id: string
    live: boolean
    changes: ColumnType<PolicyChanges, string, string>
    changed_at: Date
  }
}
