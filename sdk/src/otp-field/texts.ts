export interface Texts {
  readonly label: string
  readonly hint: (length: number) => string
  readonly incomplete: (length: number) => string
  readonly wrong: (left: number) => string
  readonly sent: (channel: string) => string
  readonly again: string
  readonly againIn: (time: string) => string
  readonly by: (channel: string) => string
  readonly voice: string
  readonly email: string
  /** The unit behind seconds. */
  readonly second: string
  readonly verified: string
  readonly over: string
  readonly spent: string
  readonly pausedFor: (time: string) => string
  readonly waitFor: (time: string) => string
  readonly disabled: string
  readonly unavailable: string
  readonly failed: string
}

const en: Texts = {
  label: 'Verification code',
  hint: (length) => `Enter the ${length} digits.`,
  incomplete: (length) => `The code has ${length} digits.`,
  wrong: (left) => `That code is wrong. ${left === 1 ? 'One try is left.' : `${left} tries are left.`}`,
  sent: (channel) => `The code was sent by ${channel}.`,
  again: 'Send again',
  againIn: (time) => `Send again in ${time}`,
  by: (channel) => `Send by ${channel}`,
  voice: 'phone call',
  email: 'e-mail',
  second: 's',
  verified: 'Verified.',
  over: 'This code is no longer valid. Ask for a new one.',
  spent: 'Too many wrong codes. Ask for a new one.',
  pausedFor: (time) => `Too many wrong codes. Try again in ${time}.`,
  waitFor: (time) => `You can ask for another code in ${time}.`,
  disabled: 'This number can no longer be verified by a code.',
  unavailable: 'The code cannot be sent that way.',
  failed: 'That did not work. Please try again.',
}

const id: Texts = {
  label: 'Kode verifikasi',
  hint: (length) => `Masukkan ${length} angka.`,
  incomplete: (length) => `Kode terdiri dari ${length} angka.`,
  wrong: (left) => `Kode salah. Sisa ${left} kesempatan.`,
  sent: (channel) => `Kode dikirim lewat ${channel}.`,
  again: 'Kirim ulang',
  againIn: (time) => `Kirim ulang dalam ${time}`,
  by: (channel) => `Kirim lewat ${channel}`,
  voice: 'telepon',
  email: 'email',
  second: 'dtk',
  verified: 'Terverifikasi.',
  over: 'Kode ini sudah tidak berlaku. Minta kode baru.',
  spent: 'Terlalu banyak kode salah. Minta kode baru.',
  pausedFor: (time) => `Terlalu banyak kode salah. Coba lagi dalam ${time}.`,
  waitFor: (time) => `Anda dapat meminta kode lagi dalam ${time}.`,
  disabled: 'Nomor ini tidak dapat lagi diverifikasi dengan kode.',
  unavailable: 'Kode tidak dapat dikirim lewat cara itu.',
  failed: 'Tidak berhasil. Silakan coba lagi.',
}

const es: Texts = {
  label: 'Código de verificación',
  hint: (length) => `Escribe los ${length} dígitos.`,
  incomplete: (length) => `El código tiene ${length} dígitos.`,
  wrong: (left) => `El código no es correcto. ${left === 1 ? 'Queda un intento.' : `Quedan ${left} intentos.`}`,
  sent: (channel) => `El código se envió por ${channel}.`,
  again: 'Enviar de nuevo',
  againIn: (time) => `Enviar de nuevo en ${time}`,
  by: (channel) => `Enviar por ${channel}`,
  voice: 'llamada',
  email: 'correo',
  second: 's',
  verified: 'Verificado.',
  over: 'Este código ya no es válido. Pide uno nuevo.',
  spent: 'Demasiados códigos incorrectos. Pide uno nuevo.',
  pausedFor: (time) => `Demasiados códigos incorrectos. Inténtalo de nuevo en ${time}.`,
  waitFor: (time) => `Puedes pedir otro código en ${time}.`,
  disabled: 'Este número ya no se puede verificar con un código.',
  unavailable: 'El código no se puede enviar por esa vía.',
  failed: 'No funcionó. Inténtalo de nuevo.',
}

const ptBr: Texts = {
  label: 'Código de verificação',
  hint: (length) => `Digite os ${length} dígitos.`,
  incomplete: (length) => `O código tem ${length} dígitos.`,
  wrong: (left) => `Código incorreto. ${left === 1 ? 'Resta uma tentativa.' : `Restam ${left} tentativas.`}`,
  sent: (channel) => `O código foi enviado por ${channel}.`,
  again: 'Reenviar',
  againIn: (time) => `Reenviar em ${time}`,
  by: (channel) => `Enviar por ${channel}`,
  voice: 'ligação',
  email: 'e-mail',
  second: 's',
  verified: 'Verificado.',
  over: 'Este código não é mais válido. Peça um novo.',
  spent: 'Códigos incorretos demais. Peça um novo.',
  pausedFor: (time) => `Códigos incorretos demais. Tente novamente em ${time}.`,
  waitFor: (time) => `Você pode pedir outro código em ${time}.`,
  disabled: 'Este número não pode mais ser verificado por código.',
  unavailable: 'O código não pode ser enviado dessa forma.',
  failed: 'Não funcionou. Tente novamente.',
}

const languages: readonly (readonly [tag: string, prefix: string, texts: Texts])[] = [
  ['id', 'id', id],
  ['es', 'es', es],
  ['pt-BR', 'pt', ptBr],
]

/** `pt` of `pt_BR` and `pt-BR`; `in` was Indonesian until 1989, and still is to Java and old Androids. */
function languageOf(tag: string): string | undefined {
  const [language] = tag.toLowerCase().split(/[-_]/)
  return language === 'in' ? 'id' : language
}

/** The texts for a BCP 47 tag, and the tag they are in; English when there are none. */
export function textsFor(tag: string): { readonly lang: string; readonly texts: Texts } {
  const [lang, , texts] = languages.find(([, prefix]) => languageOf(tag) === prefix) ?? ['en', 'en', en]
  return { lang, texts }
}

export function channelName(channel: string, texts: Texts): string {
  if (channel === 'voice' || channel === 'email') return texts[channel]
  return channel === 'whatsapp' ? 'WhatsApp' : channel.toUpperCase()
}

/** `45 s`, `2:05`, `3:00:00`: but for the unit, read the same in every language here. */
export function spellSeconds(seconds: number, { second }: Texts): string {
  if (seconds < 60) return `${seconds} ${second}`
  const two = (value: number): string => String(value).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}
