import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { acceptedLocale, type Locale } from '#platform/core/locale.ts'
import { cardPage, escapeHtml } from './card-page.ts'

const words: Readonly<Record<Locale, { readonly title: string; readonly text: string; readonly start: string }>> = {
  en: {
    title: 'There is no such page',
    text: 'The address may be mistyped, or the page has moved.',
    start: 'To the start page',
  },
  id: {
    title: 'Halaman tidak ditemukan',
    text: 'Alamatnya mungkin salah ketik, atau halamannya sudah pindah.',
    start: 'Ke halaman awal',
  },
  es: {
    title: 'Esta página no existe',
    text: 'Puede que la dirección esté mal escrita o que la página se haya movido.',
    start: 'Ir al inicio',
  },
  'pt-BR': {
    title: 'Esta página não existe',
    text: 'O endereço pode estar errado, ou a página mudou de lugar.',
    start: 'Ir para o início',
  },
}

/** What browsers ask for when somebody opens an address. Programs ask for anything, and Java's for `text/html` too. */
export const isForPerson = ({ method, headers }: Pick<FastifyRequest, 'method' | 'headers'>): boolean =>
  method === 'GET' && (headers.accept ?? '').includes('application/xhtml+xml')

/** A person before a browser can do nothing with JSON. */
export function answerNoPage(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const locale = acceptedLocale(request.headers['accept-language'])
  const { title, text, start } = words[locale]
  const nonce = randomBytes(16).toString('base64')
  const body = `<h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p><a class="button" href="${request.server.basePath}/">${escapeHtml(start)}</a>`
  return reply
    .status(404)
    .headers({
      'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      vary: 'accept, accept-language',
    })
    .type('text/html; charset=utf-8')
    .send(cardPage({ locale, title, body, nonce }))
}
