import type { FastifyInstance } from 'fastify'
import { neighbourhoodOf } from '#platform/core/address-range.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

/**
 * Behind proxies connections are theirs, so what is counted is who asks: requests of one address that are under way. For
 * the first hook, before a body is read.
 */
export function limitUnderWay(app: FastifyInstance, ofOneMax: number): void {
  const counts = new Map<string, number>()
  app.addHook('onRequest', (request, reply, done) => {
    const owner = neighbourhoodOf(request.ip)
    const count = counts.get(owner) ?? 0
    if (count >= ofOneMax) {
      done(new Refusal(platformRefusals.connection_limit_reached, { retryAfterSeconds: 1 }))
      return
    }
    counts.set(owner, count + 1)
    // However it ends: a request that is given up has no response hook of its own.
    reply.raw.once('close', () => {
      const left = (counts.get(owner) ?? 1) - 1
      if (left <= 0) counts.delete(owner)
      else counts.set(owner, left)
    })
    done()
  })
}
