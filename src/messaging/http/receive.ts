import type { FastifyInstance, FastifyRequest } from 'fastify'
import { readId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { ChannelProvider } from '#messaging/core/provider.ts'
import type { Callback, NewsItem } from '#messaging/core/news.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { messagingIds } from '#messaging/core/ids.ts'
import { messagingRefusals } from '#messaging/core/refusals.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

/** Meta's hold up to 3 MB. */
const bodyLimitBytes = 3 * 1024 * 1024

interface Receiving {
  readonly findSender: (id: string) => Promise<Sender | undefined>
  readonly providerOf: (sender: Sender) => ChannelProvider
  readonly now: () => Date
  /** Hands on what was told; what stands in the way of keeping all of it. */
  readonly takeNews: (sender: Sender, news: Iterable<NewsItem>) => Promise<unknown>
}

/**
 * Where providers tell what became of a message: one URL a sender. The bytes are handed on unparsed, because a
 * signature is over them; the answer comes after everything told is committed, so a vendor's retry covers the rest. It is
 * 200 also for what never can be kept: told again, it would be in the way of what comes after it.
 */
export const callbackRoutes =
  (receiving: Receiving) =>
  async (app: FastifyInstance): Promise<void> => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

    app.route({
      method: ['GET', 'POST'],
      url: '/webhooks/:sender',
      bodyLimit: bodyLimitBytes,
      schema: { hide: true },
      handler: async (request, reply) => {
        const sender = await findSender(receiving, request)
        const callback = readCallback(request, receiving.now())
        const handshake = receiving.providerOf(sender).answerHandshake?.(callback, sender)
        if (handshake) return reply.status(handshake.status).type('text/plain').send(handshake.body)
        if (request.method === 'GET') throw new Refusal(platformRefusals.method_not_allowed, { allow: 'POST' })
        const news = receiving.providerOf(sender).readNews(callback, sender)
        const obstacle = await receiving.takeNews(sender, news)
        if (obstacle !== undefined)
          throw new Refusal(messagingRefusals.news_not_kept, { retryAfterSeconds: 5, cause: obstacle })
        return reply.status(200).type('text/plain').send('ok')
      },
    })
  }

async function findSender({ findSender: find }: Receiving, request: FastifyRequest): Promise<Sender> {
  const { sender: spelled } = request.params as { sender: string }
  const id = readId(messagingIds.sender, spelled)
  const sender = id === undefined ? undefined : await find(id)
  if (!sender) throw new Refusal(platformRefusals.resource_not_found)
  return sender
}

function readCallback(request: FastifyRequest, receivedAt: Date): Callback {
  const single = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
  const entries = (record: object) => Object.entries(record).map(([name, value]) => [name, single(value)])
  return {
    method: request.method,
    headers: Object.fromEntries(entries(request.headers)) as Record<string, string | undefined>,
    query: Object.fromEntries(entries(request.query as object)) as Record<string, string | undefined>,
    receivedAt,
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
  }
}
