import { sql } from 'kysely'
import type { Database } from '#platform/database/database.ts'
import type { Course, CourseKey } from '#verification/core/course.ts'

interface FoundCourse {
  place: number
  created_at: Date
  client_ref: string | null
  workflow: Course['workflow']
  sendings: FoundSending[]
}

interface FoundSending {
  delivery_id: string
  step_index: number
  channel: string
  queued_at: string
  has_failed: boolean
}

/** The courses in the order they were asked for; undefined where the verification is no longer kept. */
export const readCourses = (database: Database, keys: readonly CourseKey[]): Promise<(Course | undefined)[]> =>
  database.asEngine(async (trx) => {
    const { rows } = await sql<FoundCourse>`
      select k.place::int, v.created_at, v.metadata ->> 'client_ref' as client_ref, c.workflow, went.sendings
      from unnest(
        ${keys.map(({ businessId }) => businessId)}::uuid[], ${keys.map(({ verificationId }) => verificationId)}::uuid[],
        ${keys.map(({ sequence }) => sequence)}::bigint[]
      ) with ordinality as k (business_id, verification_id, sequence, place)
      join verification v on v.business_id = k.business_id and v.id = k.verification_id
      join verification c on c.business_id = v.business_id and c.id = v.code_id
      cross join lateral (
        select coalesce(jsonb_agg(jsonb_build_object(
          'delivery_id', s.id, 'step_index', s.step_index, 'channel', s.channel, 'queued_at', s.queued_at,
          -- What failed since is no part of it, or it would not be the same each time it is read.
          'has_failed', exists (
            select from event f
            where f.business_id = s.business_id and f.subject_id = s.code_id
              and f.part_id = s.id and f.kind = 'delivery.failed' and f.sequence <= k.sequence)
        ) order by s.id), '[]') as sendings
        from delivery s
        where s.business_id = k.business_id and s.code_id = v.code_id
      ) as went`.execute(trx)
    const byPlace = new Map(rows.map((row) => [row.place, readCourse(row)]))
    return keys.map((_, index) => byPlace.get(index + 1))
  })

const readCourse = (found: FoundCourse): Course => ({
  createdAt: found.created_at,
  ...(found.client_ref !== null && { clientRef: found.client_ref }),
  workflow: found.workflow,
  sendings: found.sendings.map((one) => ({
    deliveryId: one.delivery_id,
    stepIndex: one.step_index,
    channel: one.channel,
    queuedAt: new Date(one.queued_at),
    hasFailed: one.has_failed,
  })),
})
