import fastifySwagger from '@fastify/swagger'
import { needs } from './permissions.ts'
import type { FastifyInstance } from 'fastify'
import type { RefusalEntry } from '#platform/core/refusal.ts'
import type { Module } from '#platform/module.ts'
import { documentRefusals } from './refusals.ts'

export interface OpenApiOptions {
  readonly version: string
  readonly publicUrl: () => string
  readonly refusals: readonly RefusalEntry[]
  readonly modules: readonly Module[]
}

/** Writes the OpenAPI file from the schemas of the routes that are registered after it. */
export async function describeApi(app: FastifyInstance, options: OpenApiOptions): Promise<void> {
  const { version, publicUrl, refusals, modules } = options
  await app.register(fastifySwagger, {
    // Only what is part of the API has a tag.
    hideUntagged: true,
    transform: ({ schema, url, route }) => {
      const permission = route.config?.permission
      const scopes = permission === undefined ? [] : app.authentication.scopesWith(permission)
      return { schema: documentRefusals(schema, { permission, scopes }), url }
    },
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Centang',
        version,
        description: 'Proves that a phone is yours, over WhatsApp first and every other channel after it.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: publicUrl() }],
      components: {
        schemas: {
          RefusalCode: refusalCodeSchema(refusals),
          ...Object.assign({}, ...modules.map(({ openApi }) => openApi?.schemas)),
        },
        securitySchemes: { key: { type: 'http', scheme: 'bearer', description: '`ck_test_…` or `ck_live_…`' } },
      },
      security: [{ key: [] }],
      webhooks: Object.assign({}, ...modules.map(({ openApi }) => openApi?.webhooks)),
    },
  })
  let text: string | undefined
  app.get('/openapi.json', { schema: { hide: true }, ...needs('anyone') }, async (_request, reply) => {
    // Made once, and for the first who asks: most servers are never asked.
    text ??= JSON.stringify(app.swagger())
    return reply.type('application/json; charset=utf-8').send(text)
  })
}

/** Every code there is, for clients that are made of the OpenAPI file. */
const refusalCodeSchema = (refusals: readonly RefusalEntry[]) => ({
  type: 'string' as const,
  enum: refusals.map(({ code }) => code),
  description: 'Why a request was refused. Newer servers may know more.',
})
