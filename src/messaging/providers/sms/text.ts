import type { CodeMessage } from '#messaging/core/send.ts'

interface Wording {
  code(brand: string, code: string): string
  transaction(payee: string, amount: string): string
  readonly warning: string
  expiry(minutes: number): string
}

/**
 * One segment each, with a brand of 20 characters and the last line. One letter outside GSM-7 would cut a segment from
 * 160 characters to 70, so Spanish and Portuguese go without the accents that GSM-7 lacks: ó, ã, í (it has é and ñ).
 */
const wordings: Readonly<Record<string, Wording>> = {
  en: {
    code: (brand, code) => `${brand}: your code is ${code}.`,
    transaction: (payee, amount) => `It authorises ${amount} to ${payee}.`,
    warning: 'Do not share it.',
    expiry: (minutes) => (minutes === 1 ? 'Valid for 1 minute.' : `Valid for ${minutes} minutes.`),
  },
  id: {
    code: (brand, code) => `${brand}: kode Anda ${code}.`,
    transaction: (payee, amount) => `Untuk menyetujui ${amount} ke ${payee}.`,
    warning: 'Jangan bagikan kode ini.',
    expiry: (minutes) => `Berlaku ${minutes} menit.`,
  },
  es: {
    code: (brand, code) => `${brand}: tu codigo es ${code}.`,
    transaction: (payee, amount) => `Autoriza ${amount} a ${payee}.`,
    warning: 'No lo compartas.',
    expiry: (minutes) => (minutes === 1 ? 'Vence en 1 minuto.' : `Vence en ${minutes} minutos.`),
  },
  'pt-BR': {
    code: (brand, code) => `${brand}: seu codigo é ${code}.`,
    transaction: (payee, amount) => `Autoriza ${amount} para ${payee}.`,
    warning: 'Nunca o compartilhe.',
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
  const { transaction, domain } = message
  const sentences = [
    wording.code(message.brand, message.code),
    ...(transaction
      ? [wording.transaction(transaction.payee, `${transaction.currency} ${transaction.amount}`.trim())]
      : []),
    wording.warning,
    // Rounded down: a code is never promised for longer than it lives.
    wording.expiry(Math.max(1, Math.floor((message.expiresInSeconds + 5) / 60))),
  ]
  return sentences.join(' ') + (domain === undefined ? '' : `\n\n@${domain} #${message.code}`)
}
