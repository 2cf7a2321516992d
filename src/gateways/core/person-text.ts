import type { Locale } from '#platform/core/locale.ts'

/** What the person who waits for a code is told when none comes. */
type Situation = 'not_a_number' | 'unreachable' | 'unsendable' | 'enough'

const texts: Readonly<Record<Locale, Readonly<Record<Situation, string>>>> = {
  en: {
    not_a_number: 'This is not a phone number. Check it and try again.',
    unreachable: 'No code can be sent to this number. Check it, or use another.',
    unsendable: 'The code could not be sent.',
    enough: 'We have sent enough codes for now. Try again later.',
  },
  id: {
    not_a_number: 'Ini bukan nomor telepon. Periksa lalu coba lagi.',
    unreachable: 'Kode tidak dapat dikirim ke nomor ini. Periksa nomornya atau pakai nomor lain.',
    unsendable: 'Kode tidak dapat dikirim.',
    enough: 'Batas pengiriman kode tercapai untuk saat ini. Coba beberapa saat lagi.',
  },
  es: {
    not_a_number: 'Esto no es un número de teléfono. Revísalo e inténtalo de nuevo.',
    unreachable: 'No se puede enviar un código a este número. Revísalo o usa otro.',
    unsendable: 'El código no se pudo enviar.',
    enough: 'Ya enviamos demasiados códigos. Inténtalo más tarde.',
  },
  'pt-BR': {
    not_a_number: 'Isto não é um número de telefone. Confira e tente de novo.',
    unreachable: 'Não é possível enviar um código para este número. Confira ou use outro.',
    unsendable: 'O código não pôde ser enviado.',
    enough: 'Já enviamos códigos suficientes por enquanto. Tente novamente mais tarde.',
  },
}

export const personText = (situation: Situation, locale: Locale): string => texts[locale][situation]
