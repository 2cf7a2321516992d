import { sql } from 'kysely'
import type { MessageEventKind } from '#messaging/core/event-kinds.ts'
import type { MessageKey } from '#messaging/core/message.ts'
import type { TenantTransaction } from '#platform/database/database.ts'
import type { MessagingTables } from './tables.ts'

interface MessageEvent extends MessageKey {
  readonly live: boolean
  readonly kind: MessageEventKind
  readonly data: object
  readonly at: Date
}

/** Into the log, in the transaction of what happened. */
export async function tellMessages(
  trx: TenantTransaction<MessagingTables>,
  events: readonly MessageEvent[],
): Promise<void> {
  if (events.length === 0) return
  await sql`
    insert into event (business_id, live, subject_kind, subject_id, kind, data, at)
    select i.business_id, i.live, 'message', i.id, i.kind, i.data, i.at
    from unnest(
      ${events.map((one) => one.businessId)}::uuid[], ${events.map((one) => one.live)}::boolean[],
      ${events.map((one) => one.id)}::uuid[], ${events.map((one) => one.kind)}::text[],
      ${events.map((one) => JSON.stringify(one.data))}::jsonb[], ${events.map((one) => one.at)}::timestamptz[]
    ) with ordinality as i (business_id, live, id, kind, data, at, n)
    order by i.n`.execute(trx)
}
