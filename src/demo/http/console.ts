import fastifyStatic from '@fastify/static'
import { mayTellKey } from '#platform/http/host.ts'
import { needs } from '#platform/http/permissions.ts'
import type { FastifyInstance } from 'fastify'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Channel, channels } from '#platform/core/channel.ts'

export interface ConsoleSettings {
  /** Folder of the built console. */
  readonly folder: string
  /** The demo's test key; the page may show it, because it opens nothing but the simulator. */
  readonly demoKey: string | undefined
  /** The simulated phone: a path here, or an address at a simulator of its own; undefined when there is none. */
  readonly phoneUrl: string | undefined
  /** Channels that a test key can send on. */
  readonly listChannels: () => Promise<ReadonlySet<Channel>>
  readonly publicUrl: string
  readonly version: string
}

const securityOf = (phoneUrl: string | undefined): Record<string, string> => {
  const phoneOrigin = URL.canParse(phoneUrl ?? '') ? ` ${new URL(phoneUrl as string).origin}` : ''
  return {
    'content-security-policy': `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src 'self'${phoneOrigin}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
  }
}

const notBuilt = (base: string): string => `<!doctype html><meta charset="utf-8"><title>Centang</title>
<h1>The console is not built</h1><p>Run <code>npm run build --workspace console</code> and load this page again. The API works without it: <a href="${base}/docs">/docs</a>.</p>`

/** The built page names its files from its own folder, which is another one under every address that shows it. */
const pageAt = (base: string, html: string): string =>
  html.replaceAll('"./assets/', `"${base}/assets/`).replace('<head>', `<head><meta name="base" content="${base}">`)

/** The console: built files, and the few settings its pages begin with. */
export async function consolePages(app: FastifyInstance, settings: () => ConsoleSettings): Promise<void> {
  const { folder, phoneUrl: phone } = settings()
  const security = securityOf(phone)
  app.addHook('onRequest', async (_request, reply) => {
    void reply.headers(security)
  })
  app.get('/console/config.json', { schema: { hide: true }, ...needs('anyone') }, async (request, reply) => {
    const { demoKey, phoneUrl = null, publicUrl, version, listChannels } = settings()
    const usable = await listChannels()
    return reply.header('cache-control', 'no-store').send({
      demo_key:
        (mayTellKey(request.headers.host, { localAddress: request.socket.localAddress, publicUrl }) && demoKey) || null,
      phone_url: phoneUrl,
      public_url: publicUrl,
      version,
      channels: channels.filter((channel) => usable.has(channel)),
    })
  })
  if (!existsSync(join(folder, 'index.html'))) {
    app.get('/', { schema: { hide: true }, ...needs('anyone') }, async (_request, reply) =>
      reply.type('text/html; charset=utf-8').send(notBuilt(app.basePath)),
    )
    return
  }
  const page = pageAt(app.basePath, readFileSync(join(folder, 'index.html'), 'utf8'))
  await app.register(fastifyStatic, { root: folder, serve: false, cacheControl: false })
  // Every page is the same document; which one is shown, its router reads from the address.
  for (const url of ['/', '/console/*']) {
    app.get(url, { schema: { hide: true }, ...needs('anyone') }, async (_request, reply) =>
      reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(page),
    )
  }
  // Names of built files hold a hash of what is in them.
  app.get('/assets/:file', { schema: { hide: true }, ...needs('anyone') }, async (request, reply) =>
    reply
      .header('cache-control', 'public, max-age=31536000, immutable')
      .sendFile(`assets/${(request.params as { file: string }).file}`),
  )
}
