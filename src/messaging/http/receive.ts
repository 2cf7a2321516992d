import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { needs } from '#platform/http/permissions.ts'
import { readId } from '#platform/core/id.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { ChannelProvider } from '#messaging/core/provider.ts'
import type { Callback, NewsItem } from '#messaging/core/news.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { createBodyRoom } from './body-room.ts'
import { messagingIds } from '#messaging/core/ids.ts'
import { messagingRefusals } from '#messaging/core/refusals.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Of a callback: whose it is. */
    sender: Sender | null
  }
}

/** Meta's hold up to 3 MB. */
const bodyLimitBytes = 3 * 1024 * 1024
/** Smaller ones are what providers send all day; their connections are limited. */
const smallBytes = 64 * 1024

const room = createBodyRoom({ bytesMax: 20 * bodyLimitBytes, ofOneBytesMax: 5 * bodyLimitBytes })

interface Receiving {
  readonly findSender: (id: string) => Promise<Sender | undefined>
  /** Those of the same business, mode and provider. */
  readonly listSiblings: (sender: Sender) => Promise<readonly Sender[]>
  readonly providerOf: (sender: Sender) => ChannelProvider
  readonly now: () => Date
  /** Hands on what was told; what stands in the way of keeping all of it. */
  readonly takeNews: (sender: Sender, news: Iterable<NewsItem>) => Promise<unknown>
}

/**
 * Where providers tell what became of a message: one URL a sender. The bytes are handed on unparsed, because a
 * signature is over them; the answer comes after everything told is committed, so a vendor's retry covers the rest. It is
 * 200 also for what never can be kept: told again, it would be in the way of what comes after it. A fault of ours is not
 * among that: it is answered 503, beside whatever else the POST told, which is kept.
 */
export const callbackRoutes =
  (receiving: Receiving) =>
  async (app: FastifyInstance): Promise<void> => {
    app.decorateRequest('sender', null)
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

    app.route({
      method: ['GET', 'POST'],
      url: '/webhooks/:sender',
      bodyLimit: bodyLimitBytes,
      schema: { hide: true },
      ...needs('signed'),
      // Before a byte of the body is taken in: a stranger must not fill the memory with what is for no sender.
      onRequest: async (request, reply) => {
        // What is refused here is not read to its end either: the line is closed.
        void reply.header('connection', 'close')
        request.sender = await findSender(receiving, request)
        takeRoom(request, reply, request.sender.id)
        void reply.removeHeader('connection')
      },
      handler: async (request, reply) => {
        const sender = request.sender as Sender
        const callback = readCallback(request, receiving.now())
        const handshake = receiving.providerOf(sender).answerHandshake?.(callback, sender)
        if (handshake) return reply.status(handshake.status).type('text/plain').send(handshake.body)
        if (request.method === 'GET') throw new Refusal(platformRefusals.method_not_allowed, { allow: 'POST' })
        const siblings = await receiving.listSiblings(sender)
        const news = receiving.providerOf(sender).readNews(callback, sender, siblings)
        const obstacle = await receiving.takeNews(sender, news)
        if (obstacle !== undefined)
          throw new Refusal(messagingRefusals.news_not_kept, { retryAfterSeconds: 5, cause: obstacle })
        return reply.status(200).type('text/plain').send('ok')
      },
    })
  }

/** A body without a length may become as long as any. */
function takeRoom({ headers }: FastifyRequest, reply: FastifyReply, senderId: string): void {
  const length =
    headers['content-length'] ?? (headers['transfer-encoding'] === undefined ? '0' : String(bodyLimitBytes))
  const bytes = Math.min(Number(length), bodyLimitBytes)
  if (!(bytes > smallBytes)) return
  const giveBack = room.take(senderId, bytes)
  if (!giveBack) throw new Refusal(platformRefusals.busy, { retryAfterSeconds: 1 })
  reply.raw.once('close', giveBack)
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
