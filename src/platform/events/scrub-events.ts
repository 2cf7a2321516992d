import { type QueryExecutorProvider, sql } from 'kysely'

/** Events of some subjects keep these members of what they say and lose all others. */
export async function scrubEvents(
  trx: QueryExecutorProvider,
  businessId: string,
  subjectIds: readonly string[],
  kept: readonly string[],
): Promise<void> {
  if (subjectIds.length === 0) return
  await sql`update event e
    set data = (
      select jsonb_object_agg(member.key, member.value) from jsonb_each(e.data) as member
      where member.key = any(${kept}::text[]))
    where e.business_id = ${businessId} and e.subject_id = any(${subjectIds}::uuid[])
      and exists (select from jsonb_object_keys(e.data) as k where k <> all(${kept}::text[]))`.execute(trx)
}
