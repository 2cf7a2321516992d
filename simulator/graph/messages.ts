import type { Template } from '../account.ts'
import { templateKey } from '../account.ts'
import { presetOf } from '../preset-texts.ts'
import { makeWamid } from '../wamid.ts'
import { type Accepted, beginLife } from '../whatsapp-life.ts'
import type { World } from '../world.ts'
import { GraphError } from './errors.ts'
import { type Fields, fieldsOf, listOf, textOf } from './fields.ts'
import { renderTemplate } from './template-parameters.ts'

/** Says how an accepted message is to be answered. */
export interface SendAnswer {
  readonly body: object
  /** `fail_after_acceptance`: the answer never arrives. */
  readonly isLost: boolean
  readonly slowMs: number
}

const ttlDefaultSeconds = 600

/** `POST /{phone_number_id}/messages`. Everything is validated before anything happens. */
export function sendMessage(world: World, body: Fields): SendAnswer | object {
  const { account, clock } = world
  if (account.numberStatus !== 'CONNECTED') throw new GraphError(133010, 'The phone number is not registered.')
  if (body['messaging_product'] !== 'whatsapp') {
    throw new GraphError(100, undefined, { message: '(#100) The parameter messaging_product is required.' })
  }
  if (body['status'] !== undefined) return markMessageRead(body)
  const type = textOf(body['type']) ?? 'text'
  if (body['to'] === undefined && body['recipient'] !== undefined && type === 'template') {
    throw new GraphError(131062, 'Authentication templates need a phone number.')
  }
  const { input, digits } = readRecipient(body['to'], account.displayPhoneNumber)
  if (digits === account.displayPhoneNumber) throw new GraphError(131021, 'Recipient phone number is the sender.')
  const message = type === 'template' ? templateMessage(world, body) : freeMessage(type, body)
  const reference = body['biz_opaque_callback_data']
  if (reference !== undefined && (typeof reference !== 'string' || reference.length > 512)) {
    throw new GraphError(100, 'biz_opaque_callback_data must be a string of at most 512 characters.')
  }
  takeTokens(world, digits)
  const magic = world.magic(digits)
  if (magic?.refusedWith !== undefined) throw new GraphError(magic.refusedWith, magic.about)
  const { kinds, slowMs } = world.takeFaults(digits, 'whatsapp')
  if (kinds.has('fail_before_acceptance'))
    throw new GraphError(131000, 'Message failed to send due to an unknown error.')
  const wamid = makeWamid(digits, 'out', world.random.hex(18))
  world.record({ providerMessageId: wamid, channel: 'whatsapp', to: digits, reference, acceptedAt: clock.now() })
  beginLife(world, {
    wamid,
    digits,
    reference,
    ttlSeconds: message.ttlSeconds,
    category: message.category,
    faults: kinds,
    failsWith: message.failsWith ?? magic?.failsWith,
    screen: { ...message.screen, providerMessageId: wamid },
  })
  const status = kinds.has('hold') ? 'held_for_quality_assessment' : 'accepted'
  return {
    body: {
      messaging_product: 'whatsapp',
      contacts: [{ input, wa_id: digits }],
      messages: [{ id: wamid, ...(type === 'template' && { message_status: status }) }],
    },
    isLost: kinds.has('fail_after_acceptance'),
    slowMs: kinds.has('slow') ? slowMs : 0,
  }
}

/** The read mark and the typing indicator share the edge. */
function markMessageRead(body: Fields): object {
  if (body['status'] !== 'read' || typeof body['message_id'] !== 'string') {
    throw new GraphError(100, 'status must be "read" and message_id is required.')
  }
  return { success: true }
}

/** Lenient as in practice: digits with or without plus are international. */
function readRecipient(to: unknown, own: string): { readonly input: string; readonly digits: string } {
  if (typeof to !== 'string' && typeof to !== 'number') {
    throw new GraphError(100, undefined, { message: '(#100) The parameter to is required.' })
  }
  const input = String(to)
  const digits = input.replaceAll(/[\s()+-]/g, '')
  if (!/^[1-9]\d{6,14}$/.test(digits))
    throw new GraphError(131009, `Param to must be a valid WhatsApp ID (${own.length} digits or so).`)
  return { input, digits }
}

interface Composed {
  readonly screen: Omit<Accepted['screen'], 'providerMessageId'>
  readonly ttlSeconds: number
  readonly category: Accepted['category']
  readonly failsWith?: number
}

function templateMessage(world: World, body: Fields): Composed {
  const { account } = world
  const wanted = fieldsOf(body['template'])
  const name = textOf(wanted['name'])
  const language = textOf(fieldsOf(wanted['language'])['code'])
  if (name === undefined || language === undefined)
    throw new GraphError(131008, 'Required parameter is missing: template name and language code.')
  const template = account.templates.get(templateKey(name, language))
  if (!template || template.status === 'PENDING' || template.status === 'REJECTED') {
    throw new GraphError(132001, `template name (${name}) does not exist in ${language}`)
  }
  if (template.status === 'PAUSED') throw new GraphError(132015, 'The template is paused due to low quality.')
  if (template.status === 'DISABLED') throw new GraphError(132016, 'The template is disabled.')
  const rendered = renderTemplate(template, listOf(wanted['components']))
  return {
    category: template.category.toLowerCase() as Composed['category'],
    ttlSeconds: template.ttlSeconds ?? ttlDefaultSeconds,
    screen: {
      channel: 'whatsapp',
      direction: 'out',
      from: account.displayPhoneNumber,
      brand: account.verifiedName,
      verified: true,
      text: rendered.text.replaceAll('*', ''),
      textMarkup: rendered.text,
      footer: footerOf(template),
      code: rendered.code,
      buttons: buttonsOf(world, template, body['to']),
    },
  }
}

function footerOf(template: Template): string | undefined {
  const minutes = template.components.find(({ type }) => type === 'FOOTER')?.codeExpirationMinutes
  return minutes === undefined ? undefined : presetOf(template.language).footer(minutes)
}

/** Autofill only where the phone has the app; everything degrades to Copy code. */
function buttonsOf(world: World, template: Template, to: unknown): Composed['screen']['buttons'] {
  const button = template.components.find(({ type }) => type === 'BUTTONS')?.button
  if (template.category !== 'AUTHENTICATION' || !button) return []
  const preset = presetOf(template.language)
  const { apps } = world.handset(String(to).replaceAll(/\D/g, '')).state
  const hasApp = button.supportedApps.some((app) =>
    apps.some((one) => one.packageName === app.packageName && one.signatureHash === app.signatureHash),
  )
  const first =
    button.otpType !== 'COPY_CODE' && hasApp
      ? ({ id: 'autofill', kind: 'autofill', label: preset.autofill } as const)
      : ({ id: 'copy_code', kind: 'copy_code', label: button.text ?? preset.copy } as const)
  return [first, { id: 'not_requested', kind: 'not_requested', label: preset.notRequested }]
}

/** Free text is taken at any time and fails later when nobody wrote to the business in the last 24 hours. */
function freeMessage(type: string, body: Fields): Composed {
  if (type !== 'text') throw new GraphError(131051, `Message type ${type} is not played by this simulator.`)
  const text = textOf(fieldsOf(body['text'])['body'])
  if (text === undefined || text.length > 4096)
    throw new GraphError(131009, 'text.body must have 1 to 4096 characters.')
  return {
    category: 'service',
    ttlSeconds: 86_400,
    failsWith: 131047,
    screen: {
      channel: 'whatsapp',
      direction: 'out',
      from: '',
      brand: '',
      verified: false,
      text,
      textMarkup: text,
      footer: undefined,
      code: undefined,
      buttons: [],
    },
  }
}

const pairCapacity = 45
const pairRefillPerMs = 1 / 6000
const bucketsMax = 20_000

/** Token buckets: one for the number, one for each pair of number and person. */
function takeTokens(world: World, digits: string): void {
  const { limits, buckets } = world
  if (buckets.size > bucketsMax) buckets.clear()
  const take = (key: string, capacity: number, refillPerMs: number): boolean => {
    const now = world.clock.now()
    const bucket = buckets.get(key) ?? { tokens: capacity, at: now }
    bucket.tokens = Math.min(capacity, bucket.tokens + (now - bucket.at) * refillPerMs)
    bucket.at = now
    buckets.set(key, bucket)
    if (bucket.tokens < 1) return false
    bucket.tokens--
    return true
  }
  if (!take('number', limits.perSecond, limits.perSecond / 1000))
    throw new GraphError(130429, 'Cloud API message throughput has been reached.')
  if (limits.pair && !take(digits, pairCapacity, pairRefillPerMs)) {
    throw new GraphError(131056, 'Too many messages from this phone number to the same recipient in a short period.')
  }
}
