import { decimalsOf } from '#platform/core/money.ts'
import { problemOfShownText } from '#platform/core/shown-text.ts'
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

/** Characters of a payee, and of an amount that is only a text. */
const transactionLimits = { payee: 140, amountText: 40 } as const

export interface TransactionProblem {
  readonly field: keyof Transaction
  readonly problem: string
}

/**
 * What is wrong with a transaction; undefined when nothing is. An amount that would have to be rounded to be shown is
 * refused, because then another one would be shown than the code is bound to.
 */
export function problemOfTransaction({ amount, currency, payee }: Transaction): TransactionProblem | undefined {
  const ofPayee = problemOfShownText(payee, { characters: transactionLimits.payee })
  if (ofPayee !== undefined) return { field: 'payee', problem: ofPayee }
  // A vendor's amount may be a text with its currency in it: it is shown as it came.
  const ofAmount = currency === '' ? problemOfAmountText(amount) : problemOfAmount(amount, currency)
  if (ofAmount !== undefined) return { field: 'amount', problem: ofAmount }
  return currency === '' || decimalsOf(currency) !== undefined
    ? undefined
    : { field: 'currency', problem: 'must be a currency of ISO 4217' }
}

function problemOfAmount(amount: string, currency: string): string | undefined {
  if (!/^(?:0|[1-9]\d{0,14})(?:\.\d{1,4})?$/.test(amount))
    return 'must be a decimal number of at most 15 digits before the point, without zeros in front'
  return tooManyDecimals(amount.split('.')[1]?.length ?? 0, currency)
}

const tooManyDecimals = (count: number, currency: string): string | undefined => {
  const most = decimalsOf(currency)
  return most !== undefined && count > most
    ? `must have at most ${most} decimals: ${currency} has no more (ISO 4217)`
    : undefined
}

/**
 * `39.99 USD`, `EUR 10,50`, `R$ 10`: where the text names a currency by its code, its decimals are counted. Three digits
 * after a separator are a thousand's group in half of the world.
 */
function problemOfAmountText(amount: string): string | undefined {
  const wrong = problemOfShownText(amount, { characters: transactionLimits.amountText })
  if (wrong !== undefined) return wrong
  const currency = /(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])/.exec(amount)?.[0]
  const decimals = /\d[.,](\d+)(?![\d.,]*\d)/.exec(amount)?.[1]?.length ?? 0
  return currency === undefined || decimals === 3 ? undefined : tooManyDecimals(decimals, currency)
}
