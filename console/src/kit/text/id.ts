import type { en } from './en.ts'

export const id: typeof en = {
  reference: 'Referensi API',
  language: 'Bahasa',
  colors: 'Terang atau gelap',
  skip: 'Langsung ke isi',
  key: 'Kunci uji',
  keyHint: 'Hanya disimpan di tab ini.',
  loading: 'Memuat',
  noPage: 'Halaman ini tidak ada.',
  copy: 'Salin',
  copied: 'Tersalin',
  channels: { whatsapp: 'WhatsApp', sms: 'SMS', rcs: 'RCS', voice: 'telepon', email: 'email' },
  refusals: {
    recipient_invalid: 'Ini bukan nomor telepon. Tulis dengan kode negara, misalnya +62 812 3456 7890.',
    operator_required: 'Kunci ini tidak boleh melakukannya.',
    internal: 'Terjadi kesalahan di server.',
    credentials_invalid: 'Kunci tidak dikenal.',
    database_unavailable: 'Basis data tidak menjawab.',
    busy: 'Server sibuk.',
    unreachable: 'Server tidak menjawab. Apakah server sedang berjalan?',
  },
  retryIn: (wait) => `Coba lagi dalam ${wait}.`,
  retryLater: 'Coba beberapa saat lagi.',
}
