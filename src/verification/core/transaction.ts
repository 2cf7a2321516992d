import type { Transaction } from './verification.ts'

/**
 * The text a code is bound to: change one character of amount, currency, payee or id and the code is worth nothing
 * (PSD2 RTS Art. 5, dynamic linking). Empty for a verification that authorises nothing.
 */
export const transactionText = (transaction: Transaction | undefined): string =>
  transaction
    ? JSON.stringify([
        transaction.amount,
        transaction.currency,
        transaction.payee,
        ...(transaction.id === undefined ? [] : [transaction.id]),
      ])
    : ''
