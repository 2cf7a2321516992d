import { type QueryExecutorProvider, sql } from 'kysely'
import type { Database } from '#platform/database/database.ts'
import { type Cursor, isBefore, requireCursor, spellCursor } from './cursor.ts'

export interface StoredEvent {
  /** Where to resume (`cursor.ts`). */
  readonly cursor: string
  readonly subjectKind: string
  readonly subjectId: string
  /** The part of the subject that it is about: a delivery of a verification, a challenge of an authenticator app. */
  readonly partId?: string
  /** Absent: of no application. */
  readonly applicationId?: string
  readonly kind: string
  readonly data?: Readonly<Record<string, unknown>>
  readonly at: Date
}

export interface EventPage {
  readonly events: readonly StoredEvent[]
  /** Where to go on. */
  readonly cursor: string
}

interface FoundEvent {
  log_position: string
  sequence: string
  subject_kind: string
  subject_id: string
  part_id: string | null
  application_id: string | null
  kind: string
  data: Record<string, unknown> | null
  at: Date
}

export class EventStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Everything that happened to one subject, in the order we learned of it: vendors' clocks are coarse. */
  async timeline(businessId: string, subjectId: string): Promise<StoredEvent[]> {
    return this.#database.asBusiness(businessId, async (trx) => {
      const { rows } = await sql<FoundEvent>`
        select ${columns} from event e
        where e.business_id = ${businessId} and e.subject_id = ${subjectId}
        order by e.sequence limit 500`.execute(trx)
      return rows.map(readEvent)
    })
  }

  /**
   * Events after a cursor, each once and in order. An event becomes visible when every transaction before it has
   * ended: until then a lower one might still commit and be missed.
   */
  async after(businessId: string, live: boolean, cursor: string, limit: number): Promise<EventPage> {
    const from = requireCursor(cursor)
    return this.#database.asBusiness(businessId, async (trx) => {
      // Read before the events: those of transactions that end in between come next time.
      const seenUpTo = await latestCursor(trx, businessId)
      const { rows } = await sql<FoundEvent>`
        select ${columns} from event e
        where e.business_id = ${businessId} and e.live = ${live}
          and (e.log_position, e.sequence) > (${from.position}::bigint, ${from.sequence}::bigint)
          and e.log_position < log_horizon()
        order by e.log_position, e.sequence limit ${limit}`.execute(trx)
      const events = rows.map(readEvent)
      const last = events.at(-1)?.cursor ?? cursor
      // The other mode's events need not be passed over again.
      return { events, cursor: events.length < limit && isBefore(last, seenUpTo) ? seenUpTo : last }
    })
  }

  /** The cursor from which only what is still to come will be seen. */
  async latestCursor(businessId: string): Promise<string> {
    return this.#database.asBusiness(businessId, (trx) => latestCursor(trx, businessId))
  }

  /**
   * What is wrong with a cursor, if anything: it lies where nothing was written yet, as that of a log of which this one is
   * an older copy; or events came after it that are not kept any more.
   */
  async judgeCursor(businessId: string, cursor: string): Promise<'ahead' | 'expired' | undefined> {
    const { position, sequence } = requireCursor(cursor)
    return this.#database.asBusiness(businessId, async (trx) => {
      const { rows } = await sql<{ is_ahead: boolean; is_expired: boolean }>`
        select ${position}::bigint >= log_horizon() as is_ahead, exists (
          select from event_floor f
          where f.business_id = ${businessId}
            and (f.log_position, f.sequence) > (${position}::bigint, ${sequence}::bigint)
        ) as is_expired`.execute(trx)
      const { is_ahead: isAhead, is_expired: isExpired } = rows[0] as (typeof rows)[number]
      return isAhead ? 'ahead' : isExpired ? 'expired' : undefined
    })
  }
}

const columns = sql.raw(
  'e.log_position::text, e.sequence::text, e.subject_kind, e.subject_id, e.part_id, e.application_id, e.kind, e.data, e.at',
)

/**
 * The last event below the oldest transaction that still runs. An event, and not that transaction: what was written is
 * there after a crash and a fail-over, while numbers that were only given out are given out again.
 */
export async function latestEvent(trx: QueryExecutorProvider, businessId: string): Promise<Cursor> {
  const { rows } = await sql<{ position: string; sequence: string }>`
    (select e.log_position::text as position, e.sequence::text from event e
      where e.business_id = ${businessId} and e.log_position < log_horizon()
      order by e.log_position desc, e.sequence desc limit 1)
    union all
    -- Of a business of which nothing is kept: not the beginning, or its own place would be one that is gone.
    select f.log_position::text, f.sequence::text from event_floor f where f.business_id = ${businessId}
    limit 1`.execute(trx)
  const [last = { position: 0, sequence: 0 }] = rows
  return { position: BigInt(last.position), sequence: BigInt(last.sequence) }
}

const latestCursor = async (trx: QueryExecutorProvider, businessId: string): Promise<string> =>
  spellCursor(await latestEvent(trx, businessId))

const readEvent = (found: FoundEvent): StoredEvent => ({
  cursor: spellCursor({ position: BigInt(found.log_position), sequence: BigInt(found.sequence) }),
  subjectKind: found.subject_kind,
  subjectId: found.subject_id,
  ...(found.part_id !== null && { partId: found.part_id }),
  ...(found.application_id !== null && { applicationId: found.application_id }),
  kind: found.kind,
  ...(found.data && { data: found.data }),
  at: found.at,
})
