import type { TestDatabase } from '../kit/database.ts'
import type { History } from './history.ts'
import type { Outcome } from './model-state.ts'

export interface Played {
  readonly outcome: Outcome
  readonly faults: readonly string[]
}

/** What is to be seen of each history in the database, in times from its beginning. */
export async function readOutcomes(
  { database, note }: { readonly database: Pick<TestDatabase, 'query'>; readonly note: (what: string) => void },
  histories: readonly History[],
  beginning: number,
): Promise<Played[]> {
  const since = (at: Date | string): number => new Date(at).getTime() - beginning
  const verifications = await database.query<any>(
    `select v.id, v.code_id, v.status, v.ended_at, v.check_count, (select jsonb_agg(d order by d.queued_at, d.step_index) from delivery d
       where d.business_id = v.business_id and d.code_id = v.id) as deliveries
     from verification v where v.id = any($1)`,
    [histories.flatMap((history) => history.verifications)],
  )
  const people = await database.query<any>('select * from recipient where person = any($1)', [
    histories.map(({ to }) => to),
  ])
  const verificationOf = new Map(verifications.map((one) => [one.id, one]))
  const personOf = new Map(people.map((one) => [one.person, one]))
  return histories.map((history) => {
    const person = personOf.get(history.to)
    const outcome: Outcome = {
      answers: history.answers,
      verifications: history.verifications.map((id) => {
        const { code_id, status, ended_at: endedAt, check_count: checks, deliveries } = verificationOf.get(id)
        note(`ended ${status}`)
        return {
          status,
          endedAt: endedAt === null ? undefined : since(endedAt),
          checks,
          code: history.verifications.indexOf(code_id),
          deliveries: (deliveries ?? []).map((one: any) => ({
            channel: one.channel,
            step: one.step_index,
            queuedAt: since(one.queued_at),
            status: one.status,
            messages: history.deliveries.get(one.id)?.messages ?? 0,
          })),
        }
      }),
      sentAt: person.sent_at.map(since),
      failedAt: person.failed_at.map(since),
      failedInARow: person.failed_consecutive,
    }
    return { outcome, faults: history.faults }
  })
}
