import type { FastifyInstance } from 'fastify'
import { magicNumbers } from '../handsets/magic-numbers.ts'
import { tellTemplate } from '../meta/account-news.ts'
import { templateCategories, templateStatuses } from '../meta/template.ts'
import type { World } from '../world/world.ts'
import { ControlError, flag, listOf, numberFrom, oneOf, readMembers } from './control-body.ts'

const version = 'v26.0'
const advanceMaxMs = 400 * 86_400_000
const retryMaxMs = 7 * 86_400_000

/** How tests and people steer the simulated world. */
export async function controlRoutes(app: FastifyInstance, { world }: { world: World }): Promise<void> {
  app.get('/meta', async () => {
    const { account } = world
    const [codes, chats] = account.numbers
    return {
      access_token: account.accessToken,
      waba_id: account.wabaId,
      phone_number_id: codes.phoneNumberId,
      service_phone_number_id: chats.phoneNumberId,
      app_secret: account.appSecret,
      verify_token: account.verifyToken,
      version,
      app_id: account.appId,
      display_phone_number: codes.displayPhoneNumber,
      service_display_phone_number: chats.displayPhoneNumber,
      sms: { path: 'sms/send', token: account.smsToken },
    }
  })

  const clock = (): object => ({
    now: new Date(world.clock.now()).toISOString(),
    offset_ms: world.clock.offsetMs,
  })
  app.get('/clock', async () => clock())
  app.post('/clock/advance', async (request) => {
    const { ms } = readMembers(request.body, { ms: numberFrom(0, advanceMaxMs) })
    if (ms === undefined) throw new ControlError(400, '"ms" is required.')
    world.clock.advance(ms)
    return clock()
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
    const { limits } = world
    const { pair = limits.pair, per_second: perSecond = limits.perSecond } = readMembers(request.body, {
      pair: flag,
      per_second: numberFrom(1, 1e9),
    })
    Object.assign(limits, { pair, perSecond })
    return { pair, per_second: perSecond }
  })
  app.put('/news', async (request) => {
    const { retry_delays_ms: delaysMs } = readMembers(request.body, {
      retry_delays_ms: listOf(numberFrom(1, retryMaxMs), 100),
    })
    world.news.retryDelaysMs = delaysMs ?? world.news.retryDelaysMs
    return { retry_delays_ms: world.news.retryDelaysMs }
  })
  templateControl(app, world)
  app.post('/reset', async (_request, reply) => {
    world.reset()
    return reply.status(204).send()
  })
}

/** What Meta decides about a template; it tells whoever has subscribed to that. */
function templateControl(app: FastifyInstance, world: World): void {
  app.put('/templates/:name', async (request) => {
    const { name } = request.params as { name: string }
    const changes = readMembers(request.body, { status: oneOf(templateStatuses), category: oneOf(templateCategories) })
    const found = [...world.account.templates.values()].filter((one) => one.name === name)
    for (const template of found) {
      const before = { ...template }
      Object.assign(template, changes)
      tellTemplate(world, template, before)
    }
    return { changed: found.length }
  })
}
