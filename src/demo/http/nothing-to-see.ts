import type { FastifyInstance } from 'fastify'
import { randomBytes } from 'node:crypto'
import { acceptedLocale, type Locale } from '#platform/core/locale.ts'
import { cardPage, escapeHtml } from '#platform/http/card-page.ts'
import { needs } from '#platform/http/permissions.ts'

const words: Readonly<Record<Locale, { readonly title: string; readonly text: string }>> = {
  en: {
    title: 'Nothing to see here',
    text: 'This server checks phone numbers for apps and shops. It has no pages of its own.',
  },
  id: {
    title: 'Tidak ada apa-apa di sini',
    text: 'Server ini memverifikasi nomor ponsel untuk aplikasi dan toko. Tidak ada halaman di sini.',
  },
  es: {
    title: 'Aquí no hay nada que ver',
    text: 'Este servidor verifica números de celular para apps y tiendas. No tiene páginas propias.',
  },
  'pt-BR': {
    title: 'Não há nada para ver aqui',
    text: 'Este servidor verifica números de celular para apps e lojas. Ele não tem páginas próprias.',
  },
}

/** What stands under / where no console is: neither whose server it is, nor what it runs. */
export function nothingToSee(app: FastifyInstance): void {
  app.get('/', { schema: { hide: true }, ...needs('anyone') }, async (request, reply) => {
    const locale = acceptedLocale(request.headers['accept-language'])
    const { title, text } = words[locale]
    const nonce = randomBytes(16).toString('base64')
    return reply
      .headers({
        'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
        vary: 'accept-language',
      })
      .type('text/html; charset=utf-8')
      .send(cardPage({ locale, title, body: `<h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>`, nonce }))
  })
}
