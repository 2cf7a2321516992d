import type { Channel } from '#platform/core/channel.ts'

export interface Words {
  readonly title: string
  readonly sentTo: (recipient: string, channel: string) => string
  readonly authorise: (amount: string, payee: string) => string
  readonly code: string
  readonly check: string
  readonly empty: string
  readonly wrong: (left: number) => string
  readonly notArrived: string
  readonly resend: string
  readonly resendIn: string
  readonly by: (channel: string) => string
  readonly sentAgain: string
  readonly approved: string
  readonly approvedText: string
  readonly goOn: string
  readonly close: string
  readonly goBack: string
  readonly linkOver: string
  readonly retryIn: (minutes: number) => string
  readonly channels: Readonly<Record<Channel, string>>
  /** What became of it, and what to do next. */
  readonly ended: Readonly<Record<'canceled' | 'expired' | 'blocked' | 'undeliverable', readonly [string, string]>>
  readonly refusals: Readonly<Record<string, string>>
  readonly trouble: string
}

const en: Words = {
  title: 'Enter the code',
  sentTo: (recipient, channel) => `We sent a code to ${recipient} by ${channel}.`,
  authorise: (amount, payee) => `You are authorising ${amount} to ${payee}.`,
  code: 'Code',
  check: 'Confirm',
  empty: 'Type the code from the message. It has only digits.',
  wrong: (left) =>
    left === 1 ? 'That code is wrong. One try is left.' : `That code is wrong. ${left} tries are left.`,
  notArrived: 'Nothing arrived?',
  resend: 'Send again',
  resendIn: 'Send again in {seconds} s',
  by: (channel) => `Send by ${channel}`,
  sentAgain: 'We sent the code again.',
  approved: 'Confirmed',
  approvedText: 'Thank you, this is your number.',
  goOn: 'Continue',
  close: 'You can close this page.',
  goBack: 'Go back',
  linkOver: 'This link is no longer valid. Go back and start again.',
  retryIn: (minutes) => (minutes === 1 ? 'Try again in a minute.' : `Try again in ${minutes} minutes.`),
  channels: { whatsapp: 'WhatsApp', sms: 'SMS', rcs: 'RCS', voice: 'phone call', email: 'e-mail' },
  ended: {
    canceled: ['This verification was cancelled.', 'Go back and start again.'],
    expired: ['The code has expired.', 'Go back and start again.'],
    blocked: ['There are no more tries with this code.', 'Go back and start again.'],
    undeliverable: ['The code could not be delivered.', 'Go back and try another number.'],
  },
  refusals: {
    resend_too_soon: 'The code was sent a moment ago. Give it a little time.',
    send_limit_reached: 'We have sent enough codes for now.',
    checks_paused: 'Several wrong codes in a row.',
    send_denied: 'No further code can be sent here.',
    recipient_budget_spent: 'Too many wrong codes today for this number.',
    recipient_disabled: 'This number can no longer be verified by a code.',
    channel_unavailable: 'The code cannot be sent that way.',
    workflow_exhausted: 'The code cannot be sent that way.',
  },
  trouble: 'Something is wrong on our side. Please try again in a moment.',
}

const id: Words = {
  title: 'Masukkan kode',
  sentTo: (recipient, channel) => `Kami mengirim kode ke ${recipient} lewat ${channel}.`,
  authorise: (amount, payee) => `Anda menyetujui ${amount} kepada ${payee}.`,
  code: 'Kode',
  check: 'Verifikasi kode',
  empty: 'Ketik kode dari pesan. Isinya hanya angka.',
  wrong: (left) => `Kode salah. Sisa ${left} kesempatan.`,
  notArrived: 'Belum menerima kode?',
  resend: 'Kirim ulang',
  resendIn: 'Kirim ulang dalam {seconds} dtk',
  by: (channel) => `Kirim lewat ${channel}`,
  sentAgain: 'Kode dikirim ulang.',
  approved: 'Terkonfirmasi',
  approvedText: 'Terima kasih, nomor ini milik Anda.',
  goOn: 'Lanjutkan',
  close: 'Halaman ini boleh ditutup.',
  goBack: 'Kembali',
  linkOver: 'Tautan ini tidak berlaku lagi. Kembali dan mulai dari awal.',
  retryIn: (minutes) => `Coba lagi dalam ${minutes} menit.`,
  channels: { whatsapp: 'WhatsApp', sms: 'SMS', rcs: 'RCS', voice: 'telepon', email: 'email' },
  ended: {
    canceled: ['Verifikasi ini dibatalkan.', 'Kembali dan mulai dari awal.'],
    expired: ['Kode sudah kedaluwarsa.', 'Kembali dan mulai dari awal.'],
    blocked: ['Kesempatan untuk kode ini sudah habis.', 'Kembali dan mulai dari awal.'],
    undeliverable: ['Kode tidak dapat dikirim.', 'Kembali dan coba nomor lain.'],
  },
  refusals: {
    resend_too_soon: 'Kode baru saja dikirim. Tunggu sebentar.',
    send_limit_reached: 'Batas pengiriman kode tercapai untuk saat ini.',
    checks_paused: 'Beberapa kode salah berturut-turut.',
    send_denied: 'Kode lain tidak bisa dikirim di sini.',
    recipient_budget_spent: 'Terlalu banyak kode salah hari ini untuk nomor ini.',
    recipient_disabled: 'Nomor ini tidak dapat lagi diverifikasi dengan kode.',
    channel_unavailable: 'Kode tidak dapat dikirim lewat cara itu.',
    workflow_exhausted: 'Kode tidak dapat dikirim lewat cara itu.',
  },
  trouble: 'Ada gangguan di pihak kami. Coba beberapa saat lagi.',
}

const es: Words = {
  title: 'Escribe el código',
  sentTo: (recipient, channel) => `Enviamos un código a ${recipient} por ${channel}.`,
  authorise: (amount, payee) => `Autorizas ${amount} a ${payee}.`,
  code: 'Código',
  check: 'Confirmar',
  empty: 'Escribe el código del mensaje. Solo tiene dígitos.',
  wrong: (left) =>
    left === 1 ? 'El código no es correcto. Queda un intento.' : `El código no es correcto. Quedan ${left} intentos.`,
  notArrived: '¿No recibiste el código?',
  resend: 'Enviar de nuevo',
  resendIn: 'Enviar de nuevo en {seconds} s',
  by: (channel) => `Enviar por ${channel}`,
  sentAgain: 'Te enviamos el código de nuevo.',
  approved: 'Confirmado',
  approvedText: 'Gracias, este número es tuyo.',
  goOn: 'Continuar',
  close: 'Puedes cerrar esta página.',
  goBack: 'Volver',
  linkOver: 'Este enlace ya no es válido. Vuelve y empieza de nuevo.',
  retryIn: (minutes) => (minutes === 1 ? 'Inténtalo en un minuto.' : `Inténtalo en ${minutes} minutos.`),
  channels: { whatsapp: 'WhatsApp', sms: 'SMS', rcs: 'RCS', voice: 'llamada', email: 'correo' },
  ended: {
    canceled: ['Esta verificación se canceló.', 'Vuelve y empieza de nuevo.'],
    expired: ['El código venció.', 'Vuelve y empieza de nuevo.'],
    blocked: ['No quedan intentos con este código.', 'Vuelve y empieza de nuevo.'],
    undeliverable: ['El código no se pudo entregar.', 'Vuelve y prueba con otro número.'],
  },
  refusals: {
    resend_too_soon: 'El código se acaba de enviar. Espera un momento.',
    send_limit_reached: 'Ya enviamos demasiados códigos. Inténtalo más tarde.',
    checks_paused: 'Varios códigos incorrectos seguidos.',
    send_denied: 'Aquí no se puede enviar otro código.',
    recipient_budget_spent: 'Demasiados códigos incorrectos hoy para este número.',
    recipient_disabled: 'Este número ya no se puede verificar con un código.',
    channel_unavailable: 'El código no se puede enviar por esa vía.',
    workflow_exhausted: 'El código no se puede enviar por esa vía.',
  },
  trouble: 'Algo falla de nuestro lado. Inténtalo de nuevo en un momento.',
}

const ptBr: Words = {
  title: 'Digite o código',
  sentTo: (recipient, channel) => `Enviamos um código para ${recipient} por ${channel}.`,
  authorise: (amount, payee) => `Você autoriza ${amount} para ${payee}.`,
  code: 'Código',
  check: 'Confirmar',
  empty: 'Digite o código da mensagem. Ele só tem números.',
  wrong: (left) =>
    left === 1 ? 'Código incorreto. Resta uma tentativa.' : `Código incorreto. Restam ${left} tentativas.`,
  notArrived: 'Não recebeu o código?',
  resend: 'Reenviar',
  resendIn: 'Reenviar em {seconds} s',
  by: (channel) => `Enviar por ${channel}`,
  sentAgain: 'Enviamos o código novamente.',
  approved: 'Confirmado',
  approvedText: 'Obrigado, este número é seu.',
  goOn: 'Continuar',
  close: 'Você pode fechar esta página.',
  goBack: 'Voltar',
  linkOver: 'Este link não é mais válido. Volte e comece de novo.',
  retryIn: (minutes) => (minutes === 1 ? 'Tente novamente em um minuto.' : `Tente novamente em ${minutes} minutos.`),
  channels: { whatsapp: 'WhatsApp', sms: 'SMS', rcs: 'RCS', voice: 'ligação', email: 'e-mail' },
  ended: {
    canceled: ['Esta verificação foi cancelada.', 'Volte e comece de novo.'],
    expired: ['O código expirou.', 'Volte e comece de novo.'],
    blocked: ['Não há mais tentativas com este código.', 'Volte e comece de novo.'],
    undeliverable: ['O código não pôde ser entregue.', 'Volte e tente outro número.'],
  },
  refusals: {
    resend_too_soon: 'O código acabou de ser enviado. Espere um pouco.',
    send_limit_reached: 'Já enviamos códigos suficientes por enquanto.',
    checks_paused: 'Vários códigos incorretos seguidos.',
    send_denied: 'Aqui não é possível enviar outro código.',
    recipient_budget_spent: 'Códigos incorretos demais hoje para este número.',
    recipient_disabled: 'Este número não pode mais ser verificado por código.',
    channel_unavailable: 'O código não pode ser enviado dessa forma.',
    workflow_exhausted: 'O código não pode ser enviado dessa forma.',
  },
  trouble: 'Algo deu errado do nosso lado. Tente novamente em instantes.',
}

const byLocale: Readonly<Record<string, Words>> = { en, id, es, 'pt-BR': ptBr }

export const wordsOf = (locale: string): Words => byLocale[locale] ?? en
