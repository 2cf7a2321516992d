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

async function load(): Promise<FastifyInstance> {
  const { default: scalar } = await import('@scalar/fastify-api-reference')
  const reference = fastify()
  await reference.register(scalar, {
    routePrefix: '/docs',
    configuration: {
      url: '/openapi.json',
      telemetry: false,
      withDefaultFonts: false,
      agent: { disabled: true },
    },
  })
  await reference.ready()
  return reference
}
