import { sql } from 'kysely'
import { personOf } from '#platform/core/person.ts'
import type { Person } from '#platform/core/personal-data.ts'
import type { Database } from '#platform/database/database.ts'
import type { PersonalData } from '#platform/module.ts'

interface Found {
  readonly id: string
  readonly live: boolean
  readonly phone_number: string
  readonly created_at: Date
}

/** Numbers on the list of safe ones go whole: such a row is nothing but the number. */
export const personalSafeNumbers: PersonalData = {
  name: 'safe_numbers',
  export: async (database, person, after = '', limit) =>
    (await find(database, person))
      .filter(({ id }) => id > after)
      .slice(0, limit)
      .map(({ id, live, phone_number, created_at: at }) => ({
        id,
        item: { phone_number, live, created_at: at.toISOString() },
      })),
  async erase({ database }, person) {
    const ids = (await find(database, person)).map(({ id }) => id)
    await database.asBusiness(person.businessId, (trx) =>
      sql`delete from safe_number where (business_id, id) in (
        select business_id, id from safe_number
        where business_id = ${person.businessId} and id = any(${ids}::uuid[])
        order by id for update)`.execute(trx),
    )
    return ids.length
  },
  listPeople: async (database, businessId) =>
    (await list(database, businessId)).map((one) => personOf(one.phone_number)),
}

/** All of a business are looked at: there are few, and no index knows the other spellings of a number. */
const list = (database: Database, businessId: string): Promise<readonly Found[]> =>
  database.asBusiness(businessId, async (trx) => {
    const { rows } = await sql<Found>`select id, live, phone_number, created_at from safe_number
      where business_id = ${businessId} order by id`.execute(trx)
    return rows
  })

const find = async (database: Database, { businessId, modes, spelled, before }: Person): Promise<readonly Found[]> =>
  (await list(database, businessId)).filter(
    (one) => modes.includes(one.live) && personOf(one.phone_number) === spelled && one.created_at <= before,
  )
