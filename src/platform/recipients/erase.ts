import { sql } from 'kysely'
import { type Forgotten, forgotten } from '#platform/core/kept.ts'
import type { Person } from '#platform/core/personal-data.ts'
import type { Database } from '#platform/database/database.ts'
import type { ErasingTakes, PersonalData } from '#platform/module.ts'

const stepRows = 200

/** How many of each kind were overwritten. */
export type Erased = Readonly<Record<string, number>>

/** Takes a person out of everything, step by step. A second time finds nothing. */
export async function eraseFrom(
  personal: readonly PersonalData[],
  takes: ErasingTakes,
  person: Person,
): Promise<Erased> {
  const counts: Record<string, number> = {}
  for (const { name, erase } of personal) {
    counts[name] = 0
    for (let rows = stepRows; rows >= stepRows;) {
      rows = await erase(takes, person, stepRows)
      counts[name] += rows
    }
  }
  return counts
}

export interface Erasure {
  readonly businessId: string
  readonly id: string
  /** By a live key, of both worlds; else of the test's. */
  readonly live: boolean
  /** What stands for who was erased (`People`). */
  readonly personKey: string
  readonly erasedAt: Date
  /** The key that asked for it. */
  readonly keyId?: string
}

/** Noted before anything goes, so that what a server left undone when it died is done by a replay; again changes nothing. */
export async function noteErasure(database: Database, erasure: Erasure): Promise<void> {
  const { businessId, id, live, personKey, erasedAt, keyId = null } = erasure
  const row = { business_id: businessId, id, live, person_key: personKey, erased_at: erasedAt, key_id: keyId }
  await database.asBusiness(businessId, (trx) =>
    trx
      .insertInto('erasure')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
  )
}

export const forgetErasures = (database: Database, before: Date, limit: number): Promise<Forgotten> =>
  database.asEngine(async (trx) => {
    const { numAffectedRows } = await sql`delete from erasure e where (e.business_id, e.id) in (
      select o.business_id, o.id from erasure o where o.erased_at < ${before} limit ${limit} for update skip locked)`.execute(
      trx,
    )
    return forgotten(numAffectedRows, limit)
  })
