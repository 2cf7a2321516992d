import { Type } from 'typebox'
import { transferEventKinds } from '#ledger/core/event-kinds.ts'
import { ledgerIds } from '#ledger/core/ids.ts'
import type { EventSubject } from '#platform/core/event-subject.ts'
import { orNull } from '#platform/http/schema-kit.ts'

/** A transfer as its events are told: to each business whose account it touches. */
export const transferSubject: EventSubject = {
  idPrefix: ledgerIds.transfer,
  description: 'What happened in the books, to accounts that are yours.',
  permission: 'ledger:read',
  isOfApplication: false,
  kinds: transferEventKinds,
  told: {
    amount_minor: orNull(Type.Integer({ description: 'Minor units (ISO 4217).' })),
    currency: orNull(Type.String()),
    code: orNull(Type.String()),
    debit_account_id: orNull(Type.String()),
    credit_account_id: orNull(Type.String()),
  },
}
