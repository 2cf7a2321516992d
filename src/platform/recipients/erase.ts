import { sql } from 'kysely'
import { type Forgotten, forgotten } from '#platform/core/kept.ts'
import type { Person } from '#platform/core/personal-data.ts'
import type { Database } from '#platform/database/database.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
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

/** Noted before anything goes, so that a server that dies on the way has it replayed after a restore too. */
export async function noteErasure(
  database: Database,
  { businessId, modes, key, before }: Person,
  keyId: string | undefined,
): Promise<void> {
  await database.asBusiness(businessId, (trx) =>
    trx
      .insertInto('erasure')
      .values({
        business_id: businessId,
        id: uuidv7(before.getTime()),
        live: modes.includes(true),
        person_key: key,
        erased_at: before,
        key_id: keyId ?? null,
      })
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
