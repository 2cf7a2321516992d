import { type QueryExecutorProvider, sql } from 'kysely'

/** Whole seconds may lie between the time of an event and its place in the log: its transaction took so long. */
const slackMs = 60_000
/** Receipts carry their vendor's time and come late. Of so many events in a row not all are such. */
const lookedAt = 20

/**
 * Where in the log the first event of a business stands that is not older than a time. No index is in the order of time,
 * but the log is, nearly: its middle is looked at, then the middle of the half that is left.
 */
export async function firstSince(
  trx: QueryExecutorProvider,
  businessId: string,
  since: Date,
): Promise<{ readonly position: string; readonly sequence: string } | undefined> {
  const surelyEarlier = new Date(since.getTime() - slackMs)
  const { rows } = await sql<{ position: string; sequence: string }>`
    with recursive halving as (
      select
        (select e.log_position from event e where e.business_id = ${businessId}
          order by e.log_position, e.sequence limit 1) as low,
        (select e.log_position from event e where e.business_id = ${businessId}
          order by e.log_position desc, e.sequence desc limit 1) as high
      union all
      select case when looked.is_earlier then middle.position + 1 else h.low end,
        case when looked.is_earlier then h.high else middle.position end
      from halving h
      cross join lateral (select h.low + (h.high - h.low) / 2 as position) as middle
      cross join lateral (
        select max(near.at) < ${surelyEarlier} as is_earlier
        from (
          select e.at from event e where e.business_id = ${businessId} and e.log_position >= middle.position
          order by e.log_position, e.sequence limit ${lookedAt}
        ) as near
      ) as looked
      where h.low < h.high
    )
    select e.log_position::text as position, e.sequence::text
    from halving h
    cross join lateral (
      select e.log_position, e.sequence from event e
      where e.business_id = ${businessId} and e.log_position >= h.low and e.at >= ${since}
      order by e.log_position, e.sequence limit 1
    ) as e
    where h.low = h.high`.execute(trx)
  return rows[0]
}
