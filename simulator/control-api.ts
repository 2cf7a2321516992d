import type { FastifyInstance, FastifyReply } from 'fastify'
import { type FaultKind, faultKinds } from './faults.ts'
import { isTemplateStatus, setTemplateStatus, templateStatuses } from './graph/templates.ts'
import { magicNumbers } from './magic-numbers.ts'
import type { World } from './world.ts'

const slowDefaultMs = 5000
const version = 'v24.0'

/** How tests and people steer the simulated world. */
export async function controlRoutes(app: FastifyInstance, { world }: { world: World }): Promise<void> {
  const bodyOf = (body: unknown): Record<string, unknown> =>
    typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}

  app.get('/meta', async () => {
    const { account } = world
    return {
      access_token: account.accessToken,
      waba_id: account.wabaId,
      phone_number_id: account.phoneNumberId,
      app_secret: account.appSecret,
      verify_token: account.verifyToken,
      version,
      app_id: account.appId,
      display_phone_number: account.displayPhoneNumber,
      sms: { path: 'sms/send', token: account.smsToken },
    }
  })

  app.post('/faults', async (request, reply) => {
    const { kind, to, channel, count, delay_ms: delayMs = slowDefaultMs } = bodyOf(request.body)
    if (!(faultKinds as readonly unknown[]).includes(kind))
      return refuse(reply, `"kind" must be one of ${faultKinds.join(', ')}.`)
    if (count !== undefined && !(Number.isInteger(count) && (count as number) > 0))
      return refuse(reply, '"count" must be a whole number above 0.')
    if (typeof delayMs !== 'number' || !(delayMs >= 0 && delayMs <= 60_000))
      return refuse(reply, '"delay_ms" must be 0 to 60000.')
    world.faults.add({
      kind: kind as FaultKind,
      delayMs,
      count: count as number | undefined,
      ...(typeof to === 'string' && { to: to.replaceAll(/\D/g, '') }),
      ...(typeof channel === 'string' && { channel }),
    })
    return reply.status(201).send({ faults: world.faults.list() })
  })
  app.get('/faults', async () => ({ faults: world.faults.list() }))
  app.delete('/faults', async (_request, reply) => {
    world.faults.clear()
    return reply.status(204).send()
  })

  app.get('/clock', async () => ({ now: new Date(world.clock.now()).toISOString(), offset_ms: world.clock.offsetMs }))
  app.post('/clock/advance', async (request, reply) => {
    const { ms } = bodyOf(request.body)
    if (typeof ms !== 'number' || !(ms >= 0 && ms <= 400 * 86_400_000))
      return refuse(reply, '"ms" must be a number of milliseconds.')
    world.clock.advance(ms)
    return { now: new Date(world.clock.now()).toISOString(), offset_ms: world.clock.offsetMs }
  })

  app.get('/magic-numbers', async () => ({
    magic_numbers: magicNumbers.map(({ digits, about }) => ({ last_digits: digits, about })),
  }))
  app.get('/messages', async () => ({
    messages: world.outbound.map((one) => ({
      provider_message_id: one.providerMessageId,
      channel: one.channel,
      to: `+${one.to}`,
      reference: one.reference ?? null,
      accepted_at: new Date(one.acceptedAt).toISOString(),
    })),
  }))
  app.put('/limits', async (request) => {
    const { pair, per_second: perSecond } = bodyOf(request.body)
    if (typeof pair === 'boolean') world.limits.pair = pair
    if (typeof perSecond === 'number' && perSecond > 0) world.limits.perSecond = perSecond
    return { pair: world.limits.pair, per_second: world.limits.perSecond }
  })
  app.put('/templates/:name', async (request, reply) => {
    const { status } = bodyOf(request.body)
    if (!isTemplateStatus(status)) return refuse(reply, `"status" must be one of ${templateStatuses.join(', ')}.`)
    return { changed: setTemplateStatus(world, (request.params as { name: string }).name, status) }
  })
  app.post('/reset', async (_request, reply) => {
    world.reset()
    return reply.status(204).send()
  })
}

const refuse = (reply: FastifyReply, message: string): FastifyReply =>
  reply.status(400).send({ error: { code: 'invalid', message } })
