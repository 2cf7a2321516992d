export interface Words {
  title: string
  number: string
  open: string
  emptyTitle: string
  emptyText: string
  chats: string
  texts: string
  back: string
  copy: string
  copied: string
  verified: string
  isWhatsapp: string
  isWhatsappAbout: string
  online: string
  onlineAbout: string
  reads: string
  readsAbout: string
  blocked: string
  blockedAbout: string
  newMessage: string
  reply: string
  send: string
  offline: string
  filled: string
  answered: string
  reported: string
  getsSms: string
  getsSmsAbout: string
  badNumber: string
  emptyAny: string
  apps: string
  unread: (count: number) => string
  notCopied: string
  delay: string
  delayAbout: string
  noDelay: string
  lost: string
  expired: string
  settings: string
  hasApp: string
  hasAppAbout: string
  offlineAbout: string
  switchOn: string
  elsewhere: (count: number, app: string) => string
}

const en: Words = {
  title: 'Phone',
  number: 'Number',
  open: 'Show',
  emptyTitle: 'No messages yet',
  emptyText: 'Send a code to this number and it appears here.',
  chats: 'Chats',
  texts: 'Messages',
  back: 'Back',
  copy: 'Copy code',
  copied: 'Copied',
  verified: 'verified business',
  isWhatsapp: 'Has WhatsApp',
  isWhatsappAbout: 'Off: messages fail, and the code continues by SMS.',
  online: 'Switched on',
  onlineAbout: 'Off: messages wait until it comes back.',
  reads: 'Read receipts',
  readsAbout: 'Off: the sender never sees “read”.',
  blocked: 'Has blocked the business',
  blockedAbout: 'On: WhatsApp messages fail without a reason.',
  newMessage: 'New message from',
  reply: 'Write a reply',
  send: 'Send',
  offline: 'Switched off',
  filled: 'Filled in',
  answered: 'Answered',
  reported: 'Reported',
  getsSms: 'Receives SMS',
  getsSmsAbout: 'Off: text messages fail.',
  badNumber: 'Write the number with its country code, for example +62 812 3456 7890.',
  emptyAny: 'Send a code to any number and it appears here.',
  apps: 'Apps',
  unread: () => 'unread',
  notCopied: 'This page may not use the clipboard. The code is',
  delay: 'Delay',
  delayAbout: 'How long a message takes to arrive.',
  noDelay: 'none',
  lost: 'Connection lost. Trying again…',
  expired: 'Expired',
  settings: 'Settings',
  hasApp: 'Has the bank’s app',
  hasAppAbout: 'On: the next WhatsApp code offers Autofill.',
  offlineAbout: 'Messages wait until the phone comes back.',
  switchOn: 'Switch on',
  elsewhere: (count, app) => `${count} ${count === 1 ? 'message' : 'messages'} in ${app}`,
}
const id: Words = {
  title: 'Ponsel',
  number: 'Nomor',
  open: 'Tampilkan',
  emptyTitle: 'Belum ada pesan',
  emptyText: 'Kirim kode ke nomor ini dan pesannya muncul di sini.',
  chats: 'Chat',
  texts: 'Pesan',
  back: 'Kembali',
  copy: 'Salin kode',
  copied: 'Tersalin',
  verified: 'bisnis terverifikasi',
  isWhatsapp: 'Punya WhatsApp',
  isWhatsappAbout: 'Nonaktif: pesan gagal, kode dikirim lewat SMS.',
  online: 'Ponsel menyala',
  onlineAbout: 'Nonaktif: pesan menunggu sampai ponsel menyala lagi.',
  reads: 'Laporan dibaca',
  readsAbout: 'Nonaktif: pengirim tidak pernah melihat “dibaca”.',
  blocked: 'Memblokir bisnis',
  blockedAbout: 'Aktif: pesan WhatsApp gagal tanpa alasan.',
  newMessage: 'Pesan baru dari',
  reply: 'Tulis balasan',
  send: 'Kirim',
  offline: 'Ponsel mati',
  filled: 'Terisi',
  answered: 'Terjawab',
  reported: 'Dilaporkan',
  getsSms: 'Menerima SMS',
  getsSmsAbout: 'Nonaktif: SMS gagal.',
  badNumber: 'Tulis nomor dengan kode negaranya, misalnya +62 812 3456 7890.',
  emptyAny: 'Kirim kode ke nomor mana pun dan pesannya muncul di sini.',
  apps: 'Aplikasi',
  unread: () => 'belum dibaca',
  notCopied: 'Halaman ini tidak boleh memakai papan klip. Kodenya',
  delay: 'Jeda',
  delayAbout: 'Berapa lama pesan di perjalanan.',
  noDelay: 'tanpa jeda',
  lost: 'Koneksi terputus. Mencoba lagi…',
  expired: 'Kedaluwarsa',
  settings: 'Setelan',
  hasApp: 'Punya aplikasi bank',
  hasAppAbout: 'Aktif: kode WhatsApp berikutnya bisa diisi otomatis.',
  offlineAbout: 'Pesan menunggu sampai ponsel menyala lagi.',
  switchOn: 'Nyalakan',
  elsewhere: (count, app) => `${count} pesan di ${app}`,
}
const es: Words = {
  title: 'Celular',
  number: 'Número',
  open: 'Mostrar',
  emptyTitle: 'Aún no hay mensajes',
  emptyText: 'Envía un código a este número y aparecerá aquí.',
  chats: 'Chats',
  texts: 'Mensajes',
  back: 'Volver',
  copy: 'Copiar código',
  copied: 'Copiado',
  verified: 'empresa verificada',
  isWhatsapp: 'Tiene WhatsApp',
  isWhatsappAbout: 'No: los mensajes fallan y el código continúa por SMS.',
  online: 'Encendido',
  onlineAbout: 'No: los mensajes esperan a que vuelva.',
  reads: 'Confirmación de lectura',
  readsAbout: 'No: el remitente nunca ve “leído”.',
  blocked: 'Bloqueó a la empresa',
  blockedAbout: 'Sí: los mensajes de WhatsApp fallan sin motivo.',
  newMessage: 'Mensaje nuevo de',
  reply: 'Escribe una respuesta',
  send: 'Enviar',
  offline: 'Apagado',
  filled: 'Completado',
  answered: 'Respondido',
  reported: 'Reportado',
  getsSms: 'Recibe SMS',
  getsSmsAbout: 'No: los SMS fallan.',
  badNumber: 'Escribe el número con su código de país, por ejemplo +52 55 1234 5678.',
  emptyAny: 'Envía un código a cualquier número y aparecerá aquí.',
  apps: 'Aplicaciones',
  unread: () => 'sin leer',
  notCopied: 'Esta página no puede usar el portapapeles. El código es',
  delay: 'Demora',
  delayAbout: 'Lo que tarda en llegar un mensaje.',
  noDelay: 'ninguna',
  lost: 'Se perdió la conexión. Reintentando…',
  expired: 'Vencido',
  settings: 'Ajustes',
  hasApp: 'Tiene la app del banco',
  hasAppAbout: 'Sí: el próximo código de WhatsApp se puede autocompletar.',
  offlineAbout: 'Los mensajes esperan a que se encienda.',
  switchOn: 'Encender',
  elsewhere: (count, app) => `${count} ${count === 1 ? 'mensaje' : 'mensajes'} en ${app}`,
}
const pt: Words = {
  title: 'Celular',
  number: 'Número',
  open: 'Mostrar',
  emptyTitle: 'Nenhuma mensagem ainda',
  emptyText: 'Envie um código para este número e ele aparece aqui.',
  chats: 'Conversas',
  texts: 'Mensagens',
  back: 'Voltar',
  copy: 'Copiar código',
  copied: 'Copiado',
  verified: 'empresa verificada',
  isWhatsapp: 'Tem WhatsApp',
  isWhatsappAbout: 'Não: as mensagens falham e o código continua por SMS.',
  online: 'Ligado',
  onlineAbout: 'Não: as mensagens esperam ele voltar.',
  reads: 'Confirmação de leitura',
  readsAbout: 'Não: o remetente nunca vê “lida”.',
  blocked: 'Bloqueou a empresa',
  blockedAbout: 'Sim: as mensagens do WhatsApp falham sem motivo.',
  newMessage: 'Nova mensagem de',
  reply: 'Escreva uma resposta',
  send: 'Enviar',
  offline: 'Desligado',
  filled: 'Preenchido',
  answered: 'Respondido',
  reported: 'Denunciado',
  getsSms: 'Recebe SMS',
  getsSmsAbout: 'Não: os SMS falham.',
  badNumber: 'Escreva o número com o código do país, por exemplo +55 11 98765-4321.',
  emptyAny: 'Envie um código para qualquer número e ele aparece aqui.',
  apps: 'Aplicativos',
  unread: (count) => (count === 1 ? 'não lida' : 'não lidas'),
  notCopied: 'Esta página não pode usar a área de transferência. O código é',
  delay: 'Atraso',
  delayAbout: 'O tempo que a mensagem leva para chegar.',
  noDelay: 'nenhum',
  lost: 'A conexão caiu. Tentando novamente…',
  expired: 'Expirado',
  settings: 'Ajustes',
  hasApp: 'Tem o app do banco',
  hasAppAbout: 'Sim: o próximo código do WhatsApp pode ser preenchido automaticamente.',
  offlineAbout: 'As mensagens esperam o celular ser ligado.',
  switchOn: 'Ligar',
  elsewhere: (count, app) => `${count} ${count === 1 ? 'mensagem' : 'mensagens'} no ${app}`,
}

/** What the page says, and the language in which it writes times. */
export interface Speech {
  readonly language: string
  readonly words: Words
}

/** From `?lang=`, else from the browser; English where we have no words. */
export function chooseLanguage(wanted: string): Speech {
  const short = wanted.toLowerCase().split(/[-_]/)[0]
  if (short === 'id') return { language: 'id', words: id }
  if (short === 'es') return { language: 'es', words: es }
  if (short === 'pt') return { language: 'pt-BR', words: pt }
  return { language: 'en', words: en }
}
