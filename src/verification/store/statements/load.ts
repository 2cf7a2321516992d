import type { DeliveryKey } from '#verification/core/engine.ts'
import type { Verification } from '#verification/core/verification.ts'
import type { Statement } from '#platform/database/bind.ts'
import {
  type FoundDelivery,
  type FoundVerification,
  readDelivery,
  readVerification,
} from '#verification/store/verification-rows.ts'
import { column } from './columns.ts'

export type LoadRow = DeliveryKey & { readonly now: Date }

/** Columns and joins that make a row `v` of a verification whole. */
export const wholeColumns = `v.*, r.sent_at,
    (select jsonb_agg(d order by d.id) from delivery d where d.verification_id = v.id) as deliveries`
export const wholeJoin = `left join lateral (
    select r.sent_at from recipient r
    where r.business_id = v.business_id and r.live = v.live and r.person = v.person
    limit 1
  ) as r on true`

const text = `select i.n, ${wholeColumns}
  from unnest($1::integer[], $2::uuid[], $3::uuid[]) as i (n, business_id, id)
  cross join lateral (
    select v.* from verification v where v.business_id = i.business_id and v.id = i.id limit 1
  ) as v
  ${wholeJoin}`

const times = ['queued_at', 'sent_at', 'delivered_at', 'read_at', 'failed_at'] as const

/** A delivery that travelled as JSON: its times are text. */
const revive = (delivery: Record<string, unknown>): FoundDelivery =>
  ({
    ...delivery,
    ...Object.fromEntries(
      times.map((name) => [name, delivery[name] === null ? null : new Date(delivery[name] as string)]),
    ),
  }) as unknown as FoundDelivery

export function readWhole(found: Record<string, unknown>, now: Date): Verification {
  const deliveries = ((found['deliveries'] ?? []) as Record<string, unknown>[]).map(revive).map(readDelivery)
  return readVerification(found as unknown as FoundVerification, deliveries, now)
}

/** Reads verifications whole, for the moves; one round trip for all that are asked for in the same moment. */
export const loadStatement: Statement<LoadRow, Verification | null> = {
  name: 'load_verifications',
  conflictKeys: () => [],
  async run(lane, rows) {
    const found = await lane.query('load_verifications', text, [
      rows.map((_, n) => n),
      column(rows, (row) => row.businessId),
      column(rows, (row) => row.id),
    ])
    const answers: (Verification | null)[] = rows.map(() => null)
    for (const one of found) {
      const n = one['n'] as number
      answers[n] = readWhole(one, (rows[n] as LoadRow).now)
    }
    return answers
  },
}
