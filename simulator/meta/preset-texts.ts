/** The words WhatsApp gives authentication templates; nobody else's are allowed in them. */
export interface Preset {
  body(code: string): string
  readonly security: string
  footer(minutes: number): string
  readonly copy: string
  readonly autofill: string
  readonly notRequested: string
}

const english: Preset = {
  body: (code) => `*${code}* is your verification code.`,
  security: 'For your security, do not share this code.',
  footer: (n) => `This code expires in ${n} ${n === 1 ? 'minute' : 'minutes'}.`,
  copy: 'Copy code',
  autofill: 'Autofill',
  notRequested: "I didn't request a code",
}
const spanish: Preset = {
  body: (code) => `Tu código de verificación es *${code}*.`,
  security: 'Por tu seguridad, no lo compartas.',
  footer: (n) => `Este código caduca en ${n} ${n === 1 ? 'minuto' : 'minutos'}.`,
  copy: 'Copiar código',
  autofill: 'Autocompletar',
  notRequested: 'No solicité un código',
}
const indonesian: Preset = {
  body: (code) => `*${code}* adalah kode verifikasi Anda.`,
  security: 'Demi keamanan, jangan bagikan kode ini.',
  footer: (n) => `Kode ini kedaluwarsa dalam ${n} menit.`,
  copy: 'Salin kode',
  autofill: 'Isi otomatis',
  notRequested: 'Saya tidak meminta kode',
}
const brazilian: Preset = {
  body: (code) => `Seu código de verificação é *${code}*.`,
  security: 'Para sua segurança, não o compartilhe.',
  footer: (n) => `Este código expira em ${n} ${n === 1 ? 'minuto' : 'minutos'}.`,
  copy: 'Copiar código',
  autofill: 'Preenchimento automático',
  notRequested: 'Não pedi um código',
}
const portuguese: Preset = {
  body: (code) => `*${code}* é o teu código de verificação.`,
  security: 'Para tua segurança, não partilhes este código.',
  footer: (n) => `Este código expira dentro de ${n} ${n === 1 ? 'minuto' : 'minutos'}.`,
  copy: 'Copiar código',
  autofill: 'Preencher automaticamente',
  notRequested: 'Não pedi um código',
}
const french: Preset = {
  body: (code) => `Votre code de vérification est *${code}*.`,
  security: 'Pour votre sécurité, ne le partagez pas.',
  footer: (n) => `Ce code expire dans ${n} ${n === 1 ? 'minute' : 'minutes'}.`,
  copy: 'Copier le code',
  autofill: 'Saisie automatique',
  notRequested: "Je n'ai pas demandé de code",
}
const german: Preset = {
  body: (code) => `Dein Verifizierungscode lautet *${code}*.`,
  security: 'Aus Sicherheitsgründen solltest du den Code nicht teilen.',
  footer: (n) => `Dieser Code verfällt in ${n} ${n === 1 ? 'Minute' : 'Minuten'}.`,
  copy: 'Code kopieren',
  autofill: 'Automatisch ausfüllen',
  notRequested: 'Ich habe keinen Code angefordert',
}

const presets: Readonly<Record<string, Preset>> = {
  en: english,
  es: spanish,
  id: indonesian,
  pt_BR: brazilian,
  pt_PT: portuguese,
  fr: french,
  de: german,
}

/** Languages without words of their own read English, as on the real platform. */
export const presetOf = (language: string): Preset =>
  presets[language] ?? presets[language.split('_')[0] as string] ?? english

export const presetLanguages = 'en en_US en_GB es es_ES es_MX es_AR id pt_BR pt_PT fr de'.split(' ')
