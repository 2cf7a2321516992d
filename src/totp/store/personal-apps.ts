import { sql } from 'kysely'
import { personOf } from '#platform/core/person.ts'
import type { Person } from '#platform/core/personal-data.ts'
import type { Database } from '#platform/database/database.ts'
import { scrubEvents } from '#platform/events/scrub-events.ts'
import type { PersonalData } from '#platform/module.ts'

interface Found {
  readonly id: string
  readonly live: boolean
  readonly identity: string
  readonly created_at: Date
  readonly apps: readonly { readonly id: string; readonly name: string; readonly created_at: string }[]
}

/**
 * Authenticator apps, where the business names people by their number or address and not by a name that tells nothing. They go
 * whole, with their secrets; what was told of them stays without the name.
 */
export const personalApps: PersonalData = {
  name: 'authenticator_apps',
  export: async (database, person, after = '', limit) =>
    (await find(database, person))
      .filter(({ id }) => id > after)
      .slice(0, limit)
      .map(({ id, identity, live, created_at: at, apps }) => ({
        id,
        item: { identity, live, created_at: at.toISOString(), apps },
      })),
  async erase({ database }, person) {
    const { businessId } = person
    const found = await find(database, person)
    await database.asBusiness(businessId, async (trx) => {
      const factors = found.flatMap(({ apps }) => apps.map(({ id }) => id))
      await scrubEvents(trx, businessId, factors, [])
      await sql`delete from totp_entity
        where (business_id, id) in (
          select business_id, id from totp_entity
          where business_id = ${businessId} and id = any(${found.map(({ id }) => id)}::uuid[])
          order by id for update)`.execute(trx)
    })
    return found.length
  },
  listPeople: (database, businessId) =>
    database.asBusiness(businessId, async (trx) => {
      const { rows } = await sql<{ identity: string }>`select distinct identity from totp_entity
        where business_id = ${businessId} and identity ~ ${addressed}`.execute(trx)
      return rows.map(({ identity }) => personNamed(identity))
    }),
}

/** A number in digits, with or without its plus, or an e-mail address. */
const addressed = String.raw`^\+?\d{6,15}$|^[^@\s]+@[^@\s]+$`
const personNamed = (identity: string): string =>
  personOf(identity.includes('@') || identity.startsWith('+') ? identity : `+${identity}`)

async function find(database: Database, { businessId, modes, spelled, before }: Person): Promise<readonly Found[]> {
  if (spelled === undefined) return []
  const found = await database.asBusiness(businessId, async (trx) => {
    const { rows } = await sql<Found>`
      select n.id, n.live, n.identity, n.created_at, coalesce((
        select jsonb_agg(jsonb_build_object('id', f.id, 'name', f.friendly_name, 'created_at', f.created_at))
        from totp_factor f where f.business_id = n.business_id and f.entity_id = n.id
      ), '[]') as apps
      from totp_entity n
      where n.business_id = ${businessId} and n.live = any(${modes}::boolean[]) and n.created_at <= ${before}
        and n.identity ~ ${addressed}
        -- The last digits are the same in every spelling.
        and right(lower(n.identity), 6) = right(${spelled}::text, 6)
      order by n.id`.execute(trx)
    return rows
  })
  return found.filter(({ identity }) => personNamed(identity) === spelled)
}
