import type { FastifyInstance } from 'fastify'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { needs } from './permissions.ts'

/** Inter (SIL Open Font License 1.1), as far as the languages of the pages need it. */
const file = '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2'

/** The one font of the console, the reference and the phone. What customers see does without: it would be most of the page. */
export async function fontRoute(app: FastifyInstance): Promise<void> {
  let bytes: Promise<Buffer> | undefined
  app.get('/fonts/inter.woff2', { schema: { hide: true }, ...needs('anyone') }, async (_request, reply) =>
    reply
      .type('font/woff2')
      .header('cache-control', 'public, max-age=604800')
      .send(await (bytes ??= readFile(fileURLToPath(import.meta.resolve(file))))),
  )
}

/** @param base where the server lies, as the page sees it */
export const fontFace = (base: string): string =>
  `@font-face { font-family: Inter; src: url('${base}/fonts/inter.woff2') format('woff2'); font-weight: 100 900; font-display: swap }`
