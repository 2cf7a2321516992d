export interface Words {
  title: string; number: string; open: string; emptyTitle: string; emptyText: string; chats: string; sms: string
  whatsapp: string; back: string; copy: string; copied: string; noMessages: string; you: string; verified: string
  settings: string; isWhatsapp: string; isWhatsappAbout: string; online: string; onlineAbout: string; reads: string
  readsAbout: string; blocked: string; blockedAbout: string; slow: string; slowAbout: string; newMessage: string
  reply: string; send: string; offline: string; filled: string; reported: string; getsSms: string; getsSmsAbout: string
}

const en: Words = {
  title: 'Phone', number: 'Number', open: 'Show', emptyTitle: 'No messages yet', emptyText: 'Send a code to this number and it appears here.',
  chats: 'Chats', sms: 'Messages', whatsapp: 'Chats', back: 'Back', copy: 'Copy code', copied: 'Copied', noMessages: 'Nothing here yet',
  you: 'You', verified: 'verified business', settings: 'What this phone does', isWhatsapp: 'Has WhatsApp', isWhatsappAbout: 'Off: messages fail, and the code goes on by SMS.',
  online: 'Switched on', onlineAbout: 'Off: messages wait until it comes back.', reads: 'Read receipts', readsAbout: 'Off: the sender never sees “read”.',
  blocked: 'Has blocked the business', blockedAbout: 'On: WhatsApp messages fail without a reason.', slow: 'Slow network', slowAbout: 'On: messages take 10 seconds.',
  newMessage: 'New message from', reply: 'Write a reply', send: 'Send', offline: 'Switched off', filled: 'Filled in', reported: 'Reported',
  getsSms: 'Gets SMS', getsSmsAbout: 'Off: text messages fail.',
}
const id: Words = {
  title: 'Ponsel', number: 'Nomor', open: 'Tampilkan', emptyTitle: 'Belum ada pesan', emptyText: 'Kirim kode ke nomor ini dan pesannya muncul di sini.',
  chats: 'Chat', sms: 'Pesan', whatsapp: 'Chat', back: 'Kembali', copy: 'Salin kode', copied: 'Tersalin', noMessages: 'Belum ada apa-apa',
  you: 'Anda', verified: 'bisnis terverifikasi', settings: 'Perilaku ponsel ini', isWhatsapp: 'Punya WhatsApp', isWhatsappAbout: 'Mati: pesan gagal, kode dikirim lewat SMS.',
  online: 'Menyala', onlineAbout: 'Mati: pesan menunggu sampai ponsel menyala lagi.', reads: 'Laporan dibaca', readsAbout: 'Mati: pengirim tidak pernah melihat “dibaca”.',
  blocked: 'Memblokir bisnis', blockedAbout: 'Hidup: pesan WhatsApp gagal tanpa alasan.', slow: 'Jaringan lambat', slowAbout: 'Hidup: pesan butuh 10 detik.',
  newMessage: 'Pesan baru dari', reply: 'Tulis balasan', send: 'Kirim', offline: 'Mati', filled: 'Terisi', reported: 'Dilaporkan',
  getsSms: 'Menerima SMS', getsSmsAbout: 'Mati: SMS gagal.',
}
const es: Words = {
  title: 'Teléfono', number: 'Número', open: 'Mostrar', emptyTitle: 'Aún no hay mensajes', emptyText: 'Envía un código a este número y aparecerá aquí.',
  chats: 'Chats', sms: 'Mensajes', whatsapp: 'Chats', back: 'Volver', copy: 'Copiar código', copied: 'Copiado', noMessages: 'Aún no hay nada',
  you: 'Tú', verified: 'empresa verificada', settings: 'Cómo se comporta el teléfono', isWhatsapp: 'Tiene WhatsApp', isWhatsappAbout: 'No: los mensajes fallan y el código sigue por SMS.',
  online: 'Encendido', onlineAbout: 'No: los mensajes esperan a que vuelva.', reads: 'Confirmación de lectura', readsAbout: 'No: el remitente nunca ve “leído”.',
  blocked: 'Bloqueó a la empresa', blockedAbout: 'Sí: los mensajes de WhatsApp fallan sin motivo.', slow: 'Red lenta', slowAbout: 'Sí: los mensajes tardan 10 segundos.',
  newMessage: 'Mensaje nuevo de', reply: 'Escribe una respuesta', send: 'Enviar', offline: 'Apagado', filled: 'Rellenado', reported: 'Reportado',
  getsSms: 'Recibe SMS', getsSmsAbout: 'No: los SMS fallan.',
}
const pt: Words = {
  title: 'Celular', number: 'Número', open: 'Mostrar', emptyTitle: 'Nenhuma mensagem ainda', emptyText: 'Envie um código para este número e ele aparece aqui.',
  chats: 'Conversas', sms: 'Mensagens', whatsapp: 'Conversas', back: 'Voltar', copy: 'Copiar código', copied: 'Copiado', noMessages: 'Nada aqui ainda',
  you: 'Você', verified: 'empresa verificada', settings: 'Como este celular se comporta', isWhatsapp: 'Tem WhatsApp', isWhatsappAbout: 'Não: as mensagens falham e o código segue por SMS.',
  online: 'Ligado', onlineAbout: 'Não: as mensagens esperam ele voltar.', reads: 'Confirmação de leitura', readsAbout: 'Não: o remetente nunca vê “lida”.',
  blocked: 'Bloqueou a empresa', blockedAbout: 'Sim: as mensagens do WhatsApp falham sem motivo.', slow: 'Rede lenta', slowAbout: 'Sim: as mensagens levam 10 segundos.',
  newMessage: 'Nova mensagem de', reply: 'Escreva uma resposta', send: 'Enviar', offline: 'Desligado', filled: 'Preenchido', reported: 'Denunciado',
  getsSms: 'Recebe SMS', getsSmsAbout: 'Não: os SMS falham.',
}

/** From ?lang=, else from the browser. */
export function chooseLanguage(wanted: string): { language: string; words: Words } {
  const short = wanted.toLowerCase().split('-')[0] ?? 'en'
  if (short === 'id') return { language: 'id', words: id }
  if (short === 'es') return { language: 'es', words: es }
  if (short === 'pt') return { language: 'pt-BR', words: pt }
  return { language: 'en', words: en }
}
