import type { FastifyInstance, FastifyReply } from 'fastify'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultKind } from '../faults/faults.ts'
import { phoneOf } from '../handsets/phone-number.ts'
import { mayCall } from '../world/callback-reach.ts'
import type { World } from '../world/world.ts'

interface Sms {
  readonly id: string
  readonly digits: string
  readonly from: string
  readonly text: string
  readonly reference: string | undefined
  readonly callbackUrl: string | undefined
  readonly faults: ReadonlySet<FaultKind>
}

const sentAfterMs = 20
const arrivesAfterMs = 80
const keptForMs = 24 * 3600 * 1000
const textMax = 1530
const fromMax = 100
const referenceMax = 512

/** A small SMS provider: `POST /sms/send` with a bearer token, receipts by signed POST. */
export async function smsRoutes(
  app: FastifyInstance,
  { world, callbackUrl }: { world: World; callbackUrl?: string | undefined },
): Promise<void> {
  app.post('/sms/send', async (request, reply) => {
    if (request.headers.authorization !== `Bearer ${world.account.smsToken}`)
      return refuse(reply, 401, 'unauthorized', 'The token is wrong.')
    const body = (typeof request.body === 'object' && request.body !== null ? request.body : {}) as Record<
      string,
      unknown
    >
    const { to, from, text, reference, callback_url: ownCallback } = body
    const dialled = typeof to === 'string' ? to.replaceAll(/[\s()+-]/g, '') : ''
    const digits = phoneOf(dialled)
    if (!/^[1-9]\d{6,14}$/.test(dialled))
      return refuse(reply, 400, 'invalid_to', '"to" must be an international number.')
    if (typeof text !== 'string' || text === '' || text.length > textMax)
      return refuse(reply, 400, 'invalid_text', `"text" must have 1 to ${textMax} characters.`)
    if (typeof from !== 'string' || from === '' || from.length > fromMax)
      return refuse(reply, 400, 'invalid_from', `"from" must have 1 to ${fromMax} characters.`)
    if (typeof reference === 'string' && reference.length > referenceMax)
      return refuse(reply, 400, 'invalid_reference', `"reference" may have ${referenceMax} characters.`)
    if (ownCallback !== undefined && !(await mayCall(world, ownCallback)))
      return refuse(reply, 400, 'invalid_callback', 'This provider may not call "callback_url".')
    const { kinds, slowMs } = world.takeFaults(digits, 'sms')
    if (kinds.has('fail_before_acceptance')) return refuse(reply, 503, 'unavailable', 'Try again later.')
    const sms: Sms = {
      id: `sms_${world.random.hex(20).toLowerCase()}`,
      digits,
      from,
      text,
      reference: typeof reference === 'string' ? reference : undefined,
      callbackUrl: typeof ownCallback === 'string' ? ownCallback : callbackUrl,
      faults: kinds,
    }
    world.record({
      providerMessageId: sms.id,
      channel: 'sms',
      to: digits,
      reference: sms.reference,
      acceptedAt: world.clock.now(),
      faults: kinds,
    })
    beginSms(world, sms)
    if (kinds.has('slow')) await sleep(slowMs, undefined, { ref: false })
    if (kinds.has('fail_after_acceptance')) {
      reply.hijack()
      reply.raw.destroy()
      return reply
    }
    return reply.status(202).send({ id: sms.id, status: 'queued' })
  })
}

const refuse = (reply: FastifyReply, status: number, code: string, message: string): FastifyReply =>
  reply.status(status).send({ error: { code, message } })

function beginSms(world: World, sms: Sms): void {
  if (sms.faults.has('silence') || sms.faults.has('hold')) return
  const { clock } = world
  const now = clock.now()
  const { state } = world.handset(sms.digits)
  clock.setTimer(now + sentAfterMs, () => report(world, sms, 'sent'))
  if (!state.sms) {
    clock.setTimer(now + arrivesAfterMs, () => report(world, sms, 'failed', 'unreachable'))
    return
  }
  clock.setTimer(now + arrivesAfterMs + state.delayMs, () => arrive(world, sms, now + keptForMs))
}

function arrive(world: World, sms: Sms, expiresAt: number): void {
  const handset = world.handset(sms.digits)
  if (!handset.state.online) {
    world.hold(handset, { expiresAt, deliver: () => arrive(world, sms, expiresAt) })
    return
  }
  if (world.clock.now() >= expiresAt) return report(world, sms, 'expired')
  world.show(handset, {
    channel: 'sms',
    direction: 'out',
    from: sms.from,
    brand: sms.from,
    verified: false,
    text: sms.text,
    textMarkup: sms.text,
    footer: undefined,
    code: codeIn(sms.text),
    buttons: [],
    providerMessageId: sms.id,
  })
  report(world, sms, 'delivered')
}

/** As a phone finds it: the origin-bound last line first, else the first row of 4 to 10 digits. */
const codeIn = (text: string): string | undefined =>
  (/^@\S+ #(\S+)$/m.exec(text) ?? /(?<!\d)(\d{4,10})(?!\d)/.exec(text))?.[1]

const reorderDelaysMs: Readonly<Record<string, number>> = { sent: 300 }

function report(world: World, sms: Sms, status: 'sent' | 'delivered' | 'failed' | 'expired', errorCode?: string): void {
  world.announce(sms.digits, 'status', { provider_message_id: sms.id, status })
  if (sms.callbackUrl === undefined || sms.faults.has('drop_receipts')) return
  const news = {
    url: sms.callbackUrl,
    secret: world.account.smsToken,
    signatureHeader: 'x-signature',
    userAgent: 'simulated-sms-provider',
    kind: 'sms',
    itemsMax: 1,
    compose: ([item]: readonly unknown[]) => item,
    item: {
      id: sms.id,
      status,
      ...(errorCode !== undefined && { error_code: errorCode }),
      ...(sms.reference !== undefined && { reference: sms.reference }),
      timestamp: new Date(world.clock.now()).toISOString(),
    },
  }
  const late = world.handset(sms.digits).state.receiptDelaysMs[status === 'expired' ? 'failed' : status] ?? 0
  const delayMs = late + (sms.faults.has('reorder_receipts') ? (reorderDelaysMs[status] ?? 0) : 0)
  world.news.enqueue(news, delayMs)
  if (sms.faults.has('duplicate_receipts')) world.news.enqueue(news, delayMs + 50)
}
