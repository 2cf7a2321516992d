import type { Words } from './words.ts'

export const id: Words = {
  tryIt: 'Coba', reference: 'Referensi API', language: 'Bahasa', colors: 'Terang atau gelap', skip: 'Langsung ke formulir',
  heading: 'Buktikan bahwa ponsel ini milik Anda', lead: 'Kirim kode, lihat pesannya tiba di ponsel simulasi, lalu ketik di sini.',
  number: 'Nomor ponsel', numberHint: 'Dengan kode negara. Nomor apa pun bisa: tidak ada yang keluar dari komputer ini.',
  messageLanguage: 'Bahasa pesan', channel: 'Saluran', automatic: 'WhatsApp, lalu SMS', send: 'Kirim kode',
  key: 'Kunci uji', keyHint: 'Hanya disimpan di tab ini.',
  code: 'Kode', codeHint: (to) => `Kami mengirimnya ke ${to}.`, check: 'Periksa kode',
  wrong: (left) => `Kode salah. Sisa ${left} kali percobaan.`, wrongLast: 'Kode salah dan itu percobaan terakhir. Mulai lagi.',
  empty: 'Ketik kode dari pesan.', validUntil: (time) => `Berlaku sampai ${time}.`,
  resend: 'Kirim lagi', resendIn: (seconds) => `Kirim lagi dalam ${seconds} dtk`, other: 'Cara lain:',
  by: (channel) => `Kirim lewat ${channel}`, changeNumber: 'Pakai nomor lain', sentAgain: (channel) => `Dikirim lewat ${channel}.`,
  approved: 'Terverifikasi', approvedText: (to, seconds) => `${to} sudah dikonfirmasi dalam ${seconds} dtk.`, again: 'Coba nomor lain',
  ended: { canceled: 'Dibatalkan.', expired: 'Kode sudah kedaluwarsa.', blocked: 'Kode ini tidak bisa dicoba lagi.', undeliverable: 'Kode tidak dapat dikirim lewat saluran mana pun.' },
  startAgain: 'Mulai lagi', timeline: 'Yang sedang terjadi', curl: 'Hal yang sama lewat API', copy: 'Salin', copied: 'Tersalin',
  startCall: 'Mulai', checkCall: 'Periksa', phone: 'Ponsel', toPhone: 'Lihat ponsel', noPhone: 'Simulator tidak aktif di server ini.',
  channels: { whatsapp: 'WhatsApp', sms: 'SMS', rcs: 'RCS', voice: 'telepon', email: 'e-mail' },
  events: {
    'verification.started': 'Dimulai', 'verification.moved_on': 'Dikirim lagi', 'verification.check_failed': 'Kode salah', 'verification.approved': 'Terverifikasi',
    'verification.blocked': 'Percobaan habis', 'verification.canceled': 'Dibatalkan', 'verification.expired': 'Kedaluwarsa', 'verification.undeliverable': 'Tidak dapat dikirim',
    'delivery.sent': 'Terkirim', 'delivery.delivered': 'Tiba', 'delivery.read': 'Dibaca', 'delivery.failed': 'Gagal', 'delivery.deferred': 'Ditunda', 'delivery.unknown': 'Penyedia tidak menjawab',
  },
  reasons: {
    not_delivered_in_time: 'tidak tiba tepat waktu', delivery_failed: 'pengiriman gagal', asked_again: 'diminta lagi', asked_for_channel: 'saluran ini diminta', asked_for_next: 'saluran berikutnya diminta',
    not_reachable_on_channel: 'tidak terjangkau di saluran ini', held: 'ditahan platform', rate_limited: 'terlalu banyak pesan', provider_unavailable: 'penyedia tidak tersedia', expired: 'berakhir sebelum dikirim',
    identity_changed: 'akun berpindah tangan', not_requested: 'orangnya tidak meminta', canceled: 'dibatalkan', lifetime_over: 'waktunya habis', every_channel_failed: 'semua saluran gagal', no_fallback_allowed: 'tidak ada saluran lain yang aman',
  },
  refusals: {
    recipient_invalid: 'Ini bukan nomor telepon. Tulis dengan kode negara, misalnya +62 812 3456 7890.',
    recipient_not_allowed: 'Nomor jenis ini tidak bisa menerima kode. Gunakan nomor ponsel.', channel_unavailable: 'Saluran ini belum disiapkan di server ini.',
    resend_too_soon: 'Kode baru saja dikirim. Tunggu sebentar.', send_limit_reached: 'Sudah cukup banyak kode. Coba lagi beberapa menit lagi.',
    recipient_checks_paused: 'Beberapa kode salah berturut-turut. Percobaan berikutnya harus menunggu.', recipient_budget_spent: 'Terlalu banyak kode salah hari ini untuk nomor ini.',
    check_limit_reached: 'Kode ini tidak bisa dicoba lagi. Mulai lagi.', verification_expired: 'Kode sudah kedaluwarsa. Mulai lagi.', verification_closed: 'Verifikasi ini sudah selesai. Mulai lagi.',
    body_invalid: 'Kode hanya berisi angka.', credentials_invalid: 'Kunci tidak dikenal.', database_unavailable: 'Basis data tidak menjawab. Coba lagi sebentar.', busy: 'Server sibuk. Coba lagi sebentar.', unreachable: 'Server tidak menjawab. Apakah berjalan?',
  },
  retryIn: (seconds) => `Coba lagi dalam ${seconds} dtk.`,
}
