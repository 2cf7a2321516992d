import type { Database } from '#platform/database/database.ts'
import type { People } from '#platform/keys/people.ts'
import type { ErasingTakes, PersonalData } from '#platform/module.ts'
import { type Erasure, eraseFrom, noteErasure } from './erase.ts'

export interface Replayed {
  readonly people: number
  /** Overwritten or deleted. */
  readonly rows: number
}

/**
 * Erases again whom an older backup brought back. An erasure knows no number: whoever is kept by one is compared by what
 * stands for them. What is younger than the erasure stays; a second time finds nothing.
 */
export async function replayErasures(
  personal: readonly PersonalData[],
  takes: ErasingTakes & { readonly people: People },
  erasures: readonly Erasure[],
): Promise<Replayed> {
  let rows = 0
  for (const [businessId, ofBusiness] of Map.groupBy(erasures, (one) => one.businessId)) {
    const spelled = await spelledByKey(personal, takes, businessId)
    for (const erasure of ofBusiness) {
      await noteErasure(takes.database, erasure)
      const { live, personKey: key, erasedAt: before } = erasure
      const person = { businessId, modes: live ? [true, false] : [false], spelled: spelled.get(key), key, before }
      const counts = await eraseFrom(personal, takes, person)
      rows += Object.values(counts).reduce((all, count) => all + count, 0)
    }
  }
  return { people: new Set(erasures.map((one) => `${one.businessId} ${one.personKey}`)).size, rows }
}

async function spelledByKey(
  personal: readonly PersonalData[],
  { database, people }: { readonly database: Database; readonly people: People },
  businessId: string,
): Promise<ReadonlyMap<string, string>> {
  const known = await Promise.all(
    personal.map(async ({ listPeople }) => (await listPeople?.(database, businessId)) ?? []),
  )
  return new Map(known.flat().map((spelled) => [people.keyOf(businessId, spelled), spelled]))
}

/** Everything that was noted, for a file that outlives the database; the oldest first. */
export const listErasures = (database: Database): Promise<readonly Erasure[]> =>
  database.asEngine(async (trx) => {
    const rows = await trx.selectFrom('erasure').selectAll().orderBy('erased_at').execute()
    return rows.map((one) => ({
      businessId: one.business_id,
      id: one.id,
      live: one.live,
      personKey: one.person_key,
      erasedAt: one.erased_at,
      ...(one.key_id !== null && { keyId: one.key_id }),
    }))
  })
