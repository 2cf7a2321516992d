import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'

/**
 * The API reference under `/docs`. Its package is several megabytes of source text, so it is loaded for the first
 * reader and not by every start; a Fastify of its own holds it, because ours takes no more plugins once it listens.
 */
export async function referencePages(app: FastifyInstance): Promise<void> {
  let loading: Promise<FastifyInstance> | undefined
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const reference = await (loading ??= load())
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

async function load(): Promise<FastifyInstance> {
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
      customCss,
    },
  })
  await reference.ready()
  return reference
}
