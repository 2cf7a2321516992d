import { type QueryExecutorProvider, sql } from 'kysely'
import { dayMs } from '#platform/core/kept.ts'
import type { KeptData } from '#platform/module.ts'

/** Events end by partitions; before one goes, it is noted up to where each business has lost its events. */
export const keptEvents = (keptForDays: number): KeptData => ({
  name: 'events',
  keptForMs: keptForDays * dayMs,
  partitioned: [{ table: 'event', column: 'recorded_at', type: 'timestamptz' }],
  beforeDrop: noteFloors,
})

/** Reads only the last of each business, by the index in the order of the log. */
async function noteFloors(trx: QueryExecutorProvider, partition: string, before: Date): Promise<void> {
  const table = sql.id(partition)
  await sql`
    with recursive owner as (
      (select business_id from ${table} order by business_id limit 1)
      union all
      select (select e.business_id from ${table} e where e.business_id > o.business_id order by e.business_id limit 1)
      from owner o where o.business_id is not null
    ),
    gone as (
      select o.business_id, e.log_position, e.sequence from owner o
      cross join lateral (
        select e.log_position, e.sequence from ${table} e
        where e.business_id = o.business_id and e.recorded_at < ${before}
        order by e.log_position desc, e.sequence desc limit 1
      ) as e
    )
    insert into event_floor as f (business_id, log_position, sequence)
    select business_id, log_position, sequence from gone order by business_id
    on conflict (business_id) do update set log_position = excluded.log_position, sequence = excluded.sequence
    where (excluded.log_position, excluded.sequence) > (f.log_position, f.sequence)`.execute(trx)
}
