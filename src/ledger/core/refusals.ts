import { defineRefusals } from '#platform/core/refusal.ts'

/**
 * Why a transfer is not made, in the order in which it is asked: whoever reads one knows that none of those before it
 * holds. `functions/apply_transfer.sql` asks in this order. Whatever is refused stays refused under its id, but for the
 * first: there the id belongs to another transfer, which keeps it.
 */
export const transferRefusals = defineRefusals({
  ledger_exists_with_different_content: {
    status: 409,
    title: 'Another request was made under this Idempotency-Key.',
    remedy: 'Use a new key for new transfers; repeat the same body to repeat a request.',
    rule: 'ledger.once',
  },
  ledger_pending_not_found: {
    status: 422,
    title: 'There is no transfer under `pending_id`.',
    remedy: 'Take the id of a transfer of kind `pending` of the same mode.',
    rule: 'ledger.pending',
  },
  ledger_not_pending: {
    status: 422,
    title: 'The transfer under `pending_id` is not a pending one.',
    remedy: 'What has moved is taken back by a transfer in the other direction.',
    rule: 'ledger.pending',
  },
  ledger_debit_account_not_found: {
    status: 422,
    title: 'There is no such account to take the money from.',
    remedy: 'Check `debit_account_id`: an account of your own book, in the mode of the key.',
    rule: 'ledger.books',
  },
  ledger_credit_account_not_found: {
    status: 422,
    title: 'There is no such account to bring the money to.',
    remedy: 'Check `credit_account_id`: an account of your own book, in the mode of the key.',
    rule: 'ledger.books',
  },
  ledger_currency_differs: {
    status: 422,
    title: 'The accounts are not both in the currency of the transfer.',
    remedy:
      'Change money by two transfers in one request: out of an account of the one currency, into one of the other.',
    rule: 'ledger.currencies',
  },
  ledger_debit_account_closed: {
    status: 422,
    title: 'The account that the money is to be taken from is closed.',
    remedy: 'Pending transfers of it can still be voided; open another account for what is new.',
    rule: 'ledger.closed',
  },
  ledger_credit_account_closed: {
    status: 422,
    title: 'The account that the money is to be brought to is closed.',
    remedy: 'Pending transfers to it can still be voided; open another account for what is new.',
    rule: 'ledger.closed',
  },
  ledger_pending_already_posted: {
    status: 422,
    title: 'The pending transfer was posted already.',
    remedy: 'It ends once. What has moved is taken back by a transfer in the other direction.',
    rule: 'ledger.pending',
  },
  ledger_pending_already_voided: {
    status: 422,
    title: 'The pending transfer was voided already.',
    remedy: 'It ends once. Make a new transfer.',
    rule: 'ledger.pending',
  },
  ledger_pending_already_expired: {
    status: 422,
    title: 'The pending transfer was not posted in time.',
    remedy: 'Its money is free again. Make a new transfer, with a longer `expires_in_seconds`.',
    rule: 'ledger.pending',
  },
  ledger_exceeds_pending: {
    status: 422,
    title: 'More is asked for than was set aside.',
    remedy: 'Post at most the amount of the pending transfer, and move the rest by another transfer.',
    rule: 'ledger.pending',
  },
  ledger_overflows: {
    status: 422,
    title: 'The balance would be larger than a number in JSON can say exactly.',
    remedy: 'Balances stay within 2^53 - 1 minor units (RFC 8259 §6); split what the account is for.',
    rule: 'ledger.amounts',
  },
  ledger_exceeds_balance: {
    status: 422,
    title: 'There is not enough in the account that the money is to be taken from.',
    remedy: '`available_minor` of the account says how much there is, less what is set aside.',
    rule: 'ledger.limits',
  },
  ledger_exceeds_limit: {
    status: 422,
    title: 'The account that the money is to be brought to may not hold so much.',
    remedy: 'Its `balance_max_minor` says how much, with what is to come.',
    rule: 'ledger.limits',
  },
})

type Prefixed = keyof typeof transferRefusals
type Unprefixed<Code> = Code extends `ledger_${infer Result}` ? Result : never

/** What becomes of a transfer. Of those that were asked for together, the one at fault says why, and the others that they fell with it. */
export type TransferResult = 'ok' | 'exists' | 'linked_transfer_refused' | TransferFault
export type TransferFault = Unprefixed<Prefixed>

/** In their order of precedence. */
export const transferFaults = Object.keys(transferRefusals).map((code) =>
  code.slice('ledger_'.length),
) as TransferFault[]

export const isFault = (result: TransferResult): result is TransferFault => `ledger_${result}` in transferRefusals

export const ledgerRefusals = {
  ...transferRefusals,
  ...defineRefusals({
    idempotency_key_missing: {
      status: 400,
      title: 'Whatever moves money carries an Idempotency-Key.',
      remedy: 'Send one that you keep with what you pay for, for example a UUID: asked twice, money moves once.',
      rule: 'ledger.once',
    },
    account_not_empty: {
      status: 409,
      title: 'Money lies in the account, or is pending.',
      remedy: 'Move it out, and end its pending transfers; then close it.',
      rule: 'ledger.closed',
    },
  }),
}
