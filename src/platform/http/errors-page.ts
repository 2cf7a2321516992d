import type { FastifyInstance } from 'fastify'
import { fontFace } from './font.ts'
import { needs } from './permissions.ts'
import type { RefusalEntry } from '#platform/core/refusal.ts'

/** Where the `type` of every problem leads: `/errors#code`. */
export async function errorsPage(app: FastifyInstance, refusals: readonly RefusalEntry[]): Promise<void> {
  const text = page(app.basePath, refusals)
  app.get('/errors', { schema: { hide: true }, ...needs('anyone') }, async (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header(
        'content-security-policy',
        "default-src 'none'; style-src 'unsafe-inline'; font-src 'self'; frame-ancestors 'none'",
      )
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

const page = (base: string, refusals: readonly RefusalEntry[]): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Refusals – Centang</title>
<style>
${fontFace(base)}
:root { color-scheme: light dark; --text: light-dark(#1b1b1b, #e6ece9); --soft: light-dark(#4d5953, #aebbb4); --line: light-dark(#dde5e0, #2a3530); --accent: light-dark(#0b6e4f, #4fd1a1); --ground: light-dark(#fff, #131a17) }
* { box-sizing: border-box }
html { scroll-padding-block-start: 4.5rem }
body { margin: 0; font: 16px/1.5 Inter, system-ui, sans-serif; color: var(--text); background: var(--ground) }
nav { position: sticky; top: 0; display: flex; gap: 1.5rem; align-items: center; height: 52px; padding: 0 16px; font-size: 15px; background: var(--ground); border-bottom: 1px solid var(--line) }
nav a { font-weight: 600; color: var(--accent); text-decoration: none }
main { max-width: 46rem; margin: 2rem auto 6rem; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.05rem; margin: 2rem 0 0 } p { margin: .3rem 0 } small { color: var(--soft); font-weight: normal }
code { font-family: ui-monospace, monospace; font-size: .92em }
section:target { outline: 2px solid var(--accent); outline-offset: .6rem; border-radius: 2px }
</style>
<nav><a href="${base}/">← Centang</a><a href="${base}/docs">API reference</a></nav>
<main>
<h1>Refusals</h1>
<p>Every answer that is not 2xx carries one of these codes, and <code>remedy</code> says what to do next.</p>
${refusals
  .toSorted((a, b) => a.code.localeCompare(b.code))
  .map(section)
  .join('\n')}
</main>
</html>
`
