import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'

/**
 * The API reference under `/docs`. Its package is several megabytes of source text, so it is loaded for the first
 * reader and not by every start; a Fastify of its own holds it, because ours takes no more plugins once it listens.
 * `demoKey`: the demo's test key, with which every snippet runs as it stands.
 */
export async function referencePages(app: FastifyInstance, demoKey: string | undefined): Promise<void> {
  let loading: Promise<FastifyInstance> | undefined
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const reference = await (loading ??= load(demoKey))
    reply.hijack()
    reference.routing(request.raw, reply.raw)
  }
  for (const url of ['/docs', '/docs/*']) app.get(url, { schema: { hide: true } }, answer)
}

/** The package knows no link out of the reference, so it is written into its page. */
const wayBack = `<a class="centang-back" href="/">← Centang</a>`

// The names that begin with --scalar are the package's own.
const customCss = `
.centang-back { position: sticky; top: 0; z-index: 20; display: flex; align-items: center; height: 44px; padding: 0 16px;
  font: 600 15px/1 system-ui, sans-serif; color: #0b6e4f; background: #fff; border-bottom: 1px solid #dde5e0; text-decoration: none; }
.centang-back:focus-visible { outline: 3px solid currentColor; outline-offset: -3px; }
.dark-mode .centang-back { color: #4fd1a1; background: #131a17; border-color: #2a3530; }
:root { --scalar-custom-header-height: 44px; }
.light-mode { --scalar-color-accent: #0b6e4f; }
.dark-mode { --scalar-color-accent: #4fd1a1; }
a[href*="scalar.com"] { display: none !important; }
`

/**
 * What is left is curl, fetch (which is TypeScript as it stands), Python, PHP and Go. Scalar 1.72 knows
 * two dozen more, and a list that long hides the one that is looked for.
 */
const otherClients: Readonly<Record<string, readonly string[] | true>> = {
  c: true,
  clojure: true,
  csharp: true,
  dart: true,
  fsharp: true,
  http: true,
  java: true,
  julia: true,
  kotlin: true,
  node: true,
  objc: true,
  ocaml: true,
  powershell: true,
  r: true,
  ruby: true,
  rust: true,
  swift: true,
  js: ['axios', 'jquery', 'ofetch', 'xhr'],
  php: ['laravel'],
  python: ['aiohttp', 'httpx_sync', 'httpx_async'],
  shell: ['httpie', 'wget'],
}

async function load(demoKey: string | undefined): Promise<FastifyInstance> {
  const { default: scalar } = await import('@scalar/fastify-api-reference')
  const reference = fastify()
  reference.addHook('onSend', async (_request, reply, page) =>
    typeof page === 'string' && String(reply.getHeader('content-type')).startsWith('text/html')
      ? page.replace('<html>', '<html lang="en">').replace('<body>', `<body>${wayBack}`)
      : page,
  )
  await reference.register(scalar, {
    routePrefix: '/docs',
    configuration: {
      url: '/openapi.json',
      pageTitle: 'Centang API reference',
      telemetry: false,
      withDefaultFonts: false,
      agent: { disabled: true },
      mcp: { disabled: true },
      showDeveloperTools: 'never',
      hideClientButton: true,
      hiddenClients: otherClients,
      defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
      authentication: {
        preferredSecurityScheme: 'key',
        ...(demoKey !== undefined && { securitySchemes: { key: { token: demoKey } } }),
      },
      customCss,
    },
  })
  await reference.ready()
  return reference
}
