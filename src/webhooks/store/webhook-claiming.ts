import { sql } from 'kysely'
import type { TenantTransaction } from '#platform/database/database.ts'
import type { WebhookTables } from './tables.ts'

export interface ClaimLimits {
  readonly max: number
  readonly perEndpoint: number
  readonly leaseMs: number
  /** Endpoints with as many under way as they may have. */
  readonly busy: readonly string[]
  /** Sendings that all businesses share. */
  readonly ofAll: number
  /** How many each business has under way. */
  readonly underWay: ReadonlyMap<string, number>
}

/**
 * Leases what is due. Of `n` businesses that have something due or under way each may have one part of `n + 1` of all
 * sendings, however many endpoints it has: one part is always left for who comes next, and endpoints that never answer
 * hold up their own business. Of one business the oldest go first, and of all the first of each.
 */
export async function claimDue(
  trx: TenantTransaction<WebhookTables>,
  formats: readonly string[],
  { max, perEndpoint, busy, ofAll, underWay }: ClaimLimits,
  { now, leasedUntil }: { readonly now: Date; readonly leasedUntil: Date },
): Promise<readonly { readonly business_id: string; readonly id: string }[]> {
  const { rows } = await sql<{ business_id: string; id: string }>`
    with under_way as (
      select * from unnest(${[...underWay.keys()]}::uuid[], ${[...underWay.values()]}::integer[]) as u (business_id, many)
    ), candidate as (
      select w.business_id, w.id, row_number() over (partition by w.business_id order by first.due_at) as turn
      from webhook_endpoint w
      cross join lateral (
        select d.due_at from webhook_delivery d
        where d.business_id = w.business_id and d.endpoint_id = w.id and d.due_at <= ${now}
        order by d.due_at limit 1
      ) as first
      where w.disabled_at is null and w.id <> all(${busy}::uuid[]) and w.format = any(${formats}::text[])
    ), share as (
      select greatest(1, ${ofAll}::integer / (1 + count(*))) as most
      from (select business_id from candidate union select business_id from under_way) as sharing
    ), chosen as (
      select business_id, id from candidate order by turn limit ${max}
    ), due as (
      select d.business_id, d.id, row_number() over (partition by d.business_id order by d.due_at, d.id) as place
      from chosen
      cross join lateral (
        select d.business_id, d.id, d.due_at from webhook_delivery d
        where d.business_id = chosen.business_id and d.endpoint_id = chosen.id and d.due_at <= ${now}
        order by d.due_at limit ${perEndpoint}
        for update skip locked
      ) as d
    ), taken as (
      select due.business_id, due.id from due left join under_way u on u.business_id = due.business_id
      where due.place <= (select most from share) - coalesce(u.many, 0)
      order by due.place limit ${max}
    )
    update webhook_delivery d set due_at = ${leasedUntil}
    from taken where d.business_id = taken.business_id and d.id = taken.id
    returning d.business_id, d.id`.execute(trx)
  return rows
}
