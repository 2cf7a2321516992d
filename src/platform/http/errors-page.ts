import type { FastifyInstance } from 'fastify'
import { needs } from './permissions.ts'
import type { RefusalEntry } from '#platform/core/refusal.ts'

/** Where the `type` of every problem leads: `/errors#code`. */
export async function errorsPage(app: FastifyInstance, refusals: readonly RefusalEntry[]): Promise<void> {
  const text = page(refusals)
  app.get('/errors', { schema: { hide: true }, ...needs('anyone') }, async (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
      .header('cache-control', 'public, max-age=3600')
      .send(text),
  )
}

/** Texts of the catalogue: `code` in backticks, and nothing that came from outside. */
const html = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')

const section = (entry: RefusalEntry): string => `<section id="${entry.code}">
<h2><code>${entry.code}</code> <small>${entry.status}</small></h2>
<p>${html(entry.title)}</p>
<p>${html(entry.remedy)}</p>${entry.rule === undefined ? '' : `\n<p><small>Rule: ${html(entry.rule)}</small></p>`}
</section>`

const page = (refusals: readonly RefusalEntry[]): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Refusals – Centang</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark }
h2 { font-size: 1.1rem; margin: 2rem 0 0 } p { margin: .3rem 0 } small { opacity: .7; font-weight: normal }
section:target { outline: 2px solid; outline-offset: .6rem }
</style>
<h1>Refusals</h1>
<p>Every answer that is not 2xx carries one of these codes, and <code>remedy</code> says what to do next.</p>
${refusals
  .toSorted((a, b) => a.code.localeCompare(b.code))
  .map(section)
  .join('\n')}
</html>
`
