import type { Charge } from '#guard/core/charge.ts'
import type { SendRow } from '#guard/core/send.ts'
import { createCounters } from '#guard/store/counters.ts'
import type { TestDatabase } from '../kit/database.ts'

export const businessId = '00000000-0000-7000-8000-00000000000a'

/** The statements of the guard on a database, as a server has them. */
export const countersOf = (database: Pick<TestDatabase, 'url'>) =>
  createCounters({ connectionString: database.url, statementTimeoutMs: 5000, lockTimeoutMs: 2000 })

export const chargeOf = (key: string, change: Partial<Charge> = {}): Charge => ({
  rule: 'unproven_block',
  key,
  limit: 3,
  falls: 'drain',
  seconds: 100,
  send: 1,
  creditMax: 3,
  isEnforced: true,
  ...change,
})

export const sendOf = (subjectId: string, charges: readonly Charge[], now: Date): SendRow => ({
  businessId,
  live: true,
  subjectId,
  isKept: true,
  charges,
  now,
})
