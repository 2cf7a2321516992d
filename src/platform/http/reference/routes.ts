import { mayTellKey } from '#platform/http/host.ts'
import { fontFace } from '#platform/http/font.ts'
import { needs } from '#platform/http/permissions.ts'
import fastify, { type FastifyInstance } from 'fastify'
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { documentWithSnippets, keyPlaceholder, type OpenApi } from './document.ts'
import type { IdPrefixes } from './example-path.ts'

const hide = { schema: { hide: true }, ...needs('anyone') }

const security = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
}

/**
 * The API reference under `/docs`. `demoKey`: the demo's test key, with which every snippet runs as it stands; elsewhere
 * the reader gives theirs.
 */
export async function referencePages(
  app: FastifyInstance,
  {
    prefixes,
    demoKey,
    publicUrl,
  }: { readonly prefixes: IdPrefixes; readonly demoKey: string | undefined; readonly publicUrl: () => string },
): Promise<void> {
  // Made once: whoever asks for them again and again costs no more than the bytes.
  const pages = { told: page(app.basePath, demoKey), untold: page(app.basePath) }
  let documentText: string | undefined
  let scriptText: string | undefined
  let loading: Promise<FastifyInstance> | undefined
  for (const url of ['/docs', '/docs/'])
    app.get(url, hide, async ({ headers: { host }, socket: { localAddress } }, reply) => {
      const isTold = demoKey !== undefined && mayTellKey(host, { localAddress, publicUrl: publicUrl() })
      return reply
        .headers(security)
        .type('text/html; charset=utf-8')
        .send(isTold ? pages.told : pages.untold)
    })
  app.get('/docs/openapi.json', hide, async (_request, reply) => {
    documentText ??= JSON.stringify(documentWithSnippets(app.swagger() as OpenApi, prefixes))
    return reply.type('application/json').send(documentText)
  })
  app.get('/docs/reference.js', hide, async (_request, reply) => {
    scriptText ??= quietly(() => stripTypeScriptTypes(read('./browser/reference.ts')))
    return reply.type('text/javascript; charset=utf-8').send(scriptText)
  })
  // The package is several megabytes of source text, so it is loaded for the first reader and not by every start; a
  // Fastify of its own holds it, because ours takes no more plugins once it listens.
  app.get('/docs/js/scalar.js', hide, async (request, reply) => {
    const scalar = await (loading ??= loadScalar())
    reply.hijack()
    scalar.routing(request.raw, reply.raw)
  })
}

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

/** A demo key is of letters, digits, - and _ (config.ts), so nothing in it ends an attribute. */
const page = (base: string, demoKey = ''): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Centang API reference</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <style>${fontFace(base)}
${read('./page.css')}</style>
  </head>
  <body>
    <header class="centang-bar">
      <nav><a href="${base}/">← Centang</a> <a href="${base}/errors">Refusals</a></nav>
      <label><span>Your test key</span> <input id="key" type="text" aria-label="Your test key" value="${demoKey}" placeholder="ck_test_…"
        data-placeholder="${keyPlaceholder}" pattern="ck_test_[A-Za-z0-9_\\-]{8,200}" autocomplete="off"
        autocapitalize="off" spellcheck="false"></label>
    </header>
    <div id="app"></div>
    <script src="${base}/docs/js/scalar.js"></script>
    <script type="module" src="${base}/docs/reference.js"></script>
  </body>
</html>
`

async function loadScalar(): Promise<FastifyInstance> {
  const { default: scalar } = await import('@scalar/fastify-api-reference')
  const reference = fastify()
  await reference.register(scalar, { routePrefix: '/docs', configuration: { url: '/docs/openapi.json' } })
  await reference.ready()
  return reference
}

/** Node still calls stripping experimental, once a process; whoever started the server need not read that. */
function quietly<Result>(work: () => Result): Result {
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = () => undefined
  try {
    return work()
  } finally {
    process.emitWarning = emitWarning
  }
}
