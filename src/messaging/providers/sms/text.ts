import type { CodeMessage } from '#messaging/core/send.ts'
import { shownAmount } from '#platform/core/money.ts'

interface Wording {
  code(brand: string, code: string): string
  transaction(brand: string, code: string, amount: string, payee: string): string
  readonly warning: string
  expiry(minutes: number): string
}

/**
 * One segment each, with a brand of 20 characters and the last line. One letter outside GSM-7 would cut a segment from
 * 160 characters to 70, so Spanish and Portuguese do with words that need none of the accents that GSM-7 lacks: ó, ã, í.
 */
const wordings: Readonly<Record<string, Wording>> = {
  en: {
    code: (brand, code) => `${brand}: your code is ${code}.`,
    transaction: (brand, code, amount, payee) => `${brand}: your code is ${code}. It authorises ${amount} to ${payee}.`,
    warning: 'Do not share it.',
    expiry: (minutes) => (minutes === 1 ? 'Valid for 1 minute.' : `Valid for ${minutes} minutes.`),
  },
  id: {
    code: (brand, code) => `${brand}: kode Anda ${code}.`,
    transaction: (brand, code, amount, payee) =>
      `${brand}: kode Anda ${code} untuk menyetujui ${amount} kepada ${payee}.`,
    warning: 'Jangan bagikan kode ini.',
    expiry: (minutes) => `Berlaku ${minutes} menit.`,
  },
  es: {
    code: (brand, code) => `${brand}: usa ${code} para confirmar tu celular.`,
    transaction: (brand, code, amount, payee) => `${brand}: usa ${code} para autorizar ${amount} a ${payee}.`,
    warning: 'No lo compartas.',
    expiry: (minutes) => (minutes === 1 ? 'Vence en 1 minuto.' : `Vence en ${minutes} minutos.`),
  },
  'pt-BR': {
    code: (brand, code) => `${brand}: use ${code} para confirmar seu celular.`,
    transaction: (brand, code, amount, payee) => `${brand}: use ${code} para autorizar ${amount} para ${payee}.`,
    warning: 'Nunca compartilhe.',
    expiry: (minutes) => (minutes === 1 ? 'Expira em 1 minuto.' : `Expira em ${minutes} minutos.`),
  },
}

/**
 * What stands in an SMS: brand, code, what it authorises, a warning and how long it lasts. With a domain, the last
 * line binds the code to it, so that a phone offers it on no other site (wicg.github.io/sms-one-time-codes).
 */
export function smsText(message: CodeMessage): string {
  const language = message.locale.split('-')[0] ?? 'en'
  const wording = (wordings[message.locale] ??
    (language === 'pt' ? wordings['pt-BR'] : wordings[language]) ??
    wordings['en']) as Wording
  const { brand, code, transaction, domain } = message
  const sentences = [
    transaction
      ? wording.transaction(brand, code, amountOf(message.locale, transaction), transaction.payee)
      : wording.code(brand, code),
    wording.warning,
    // Rounded down: a code is never promised for longer than it lives.
    wording.expiry(Math.max(1, Math.floor((message.expiresInSeconds + 5) / 60))),
  ]
  return sentences.join(' ') + (domain === undefined ? '' : `\n\n@${domain} #${message.code}`)
}

/** As everywhere, but for the spaces that GSM-7 lacks. */
const amountOf = (locale: string, transaction: NonNullable<CodeMessage['transaction']>): string =>
  shownAmount(locale, transaction).replaceAll(/[\u00a0\u202f]/g, ' ')
