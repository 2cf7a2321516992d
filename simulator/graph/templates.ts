import { type Template, type TemplateComponent, templateKey } from '../account.ts'
import { presetLanguages, presetOf } from '../preset-texts.ts'
import type { World } from '../world.ts'
import { GraphError, noSuchNode } from './errors.ts'
import { type Fields, fieldsOf, integerOf, listOf, textOf } from './fields.ts'

/** `POST /{waba_id}/message_templates` */
export function createTemplate(world: World, body: Fields): object {
  const language = textOf(body['language'])
  if (language === undefined) throw new GraphError(100, 'language is required.')
  const { name } = readTemplate(body)
  if (world.account.templates.has(templateKey(name, language))) {
    throw new GraphError(100, 'Content in this language already exists.', { subcode: 2388024 })
  }
  const { id, status, category } = save(world, body, language)
  return { id, status, category }
}

/** `POST /{waba_id}/upsert_message_templates`: several languages at once, labels left to the platform. */
export function upsertTemplates(world: World, body: Fields): object {
  const languages = Array.isArray(body['languages']) ? body['languages'].map(String) : []
  if (languages.length === 0) throw new GraphError(100, 'languages is required.')
  if (body['language'] !== undefined) throw new GraphError(100, 'language is not allowed here.')
  if (textOf(body['category'])?.toUpperCase() !== 'AUTHENTICATION')
    throw new GraphError(100, 'Only AUTHENTICATION templates can be upserted.')
  for (const button of listOf(body['components']).flatMap((one) => listOf(one['buttons']))) {
    if (button['text'] !== undefined || button['autofill_text'] !== undefined) {
      throw new GraphError(100, 'Button texts are not allowed here.')
    }
  }
  const saved = languages.map((language) => save(world, body, language))
  return { data: saved.map(({ id, status, language }) => ({ id, status, language })) }
}

function save(world: World, body: Fields, language: string): Template {
  const { templates } = world.account
  const { name, category, components, ttlSeconds } = readTemplate(body)
  const before = templates.get(templateKey(name, language))
  const template: Template = {
    id: before?.id ?? String(1_000_000_000_000_000 + Number.parseInt(world.random.hex(8), 16)),
    name,
    language,
    category,
    status: before?.status ?? 'APPROVED',
    ttlSeconds: ttlSeconds ?? before?.ttlSeconds,
    components,
  }
  templates.set(templateKey(name, language), template)
  return template
}

function readTemplate(body: Fields): Pick<Template, 'name' | 'category' | 'components' | 'ttlSeconds'> {
  const name = textOf(body['name'])
  if (name === undefined || !/^[a-z0-9_]{1,512}$/.test(name))
    throw new GraphError(100, 'name must consist of a-z, 0-9 and _.')
  const category = textOf(body['category'])?.toUpperCase() ?? ''
  if (!['AUTHENTICATION', 'UTILITY', 'MARKETING'].includes(category))
    throw new GraphError(100, 'category must be AUTHENTICATION, UTILITY or MARKETING.')
  const ttlSeconds =
    body['message_send_ttl_seconds'] === undefined ? undefined : integerOf(body['message_send_ttl_seconds'])
  if (body['message_send_ttl_seconds'] !== undefined && category === 'AUTHENTICATION') {
    const isAllowed = ttlSeconds === -1 || (ttlSeconds !== undefined && ttlSeconds >= 30 && ttlSeconds <= 900)
    if (!isAllowed) throw new GraphError(100, 'message_send_ttl_seconds must be 30 to 900.')
  }
  const components = listOf(body['components']).map((one) => readComponent(one, category))
  if (!components.some(({ type }) => type === 'BODY')) throw new GraphError(100, 'A BODY component is required.')
  if (category === 'AUTHENTICATION' && !components.some(({ button }) => button))
    throw new GraphError(100, 'An OTP button is required.')
  return { name, category, components, ttlSeconds }
}

function readComponent(component: Fields, category: string): TemplateComponent {
  const type = textOf(component['type'])?.toUpperCase()
  const isAuthentication = category === 'AUTHENTICATION'
  const text = textOf(component['text'])
  switch (type) {
    case 'BODY':
      if (isAuthentication && text !== undefined)
        throw new GraphError(100, 'Authentication templates have preset texts only.')
      if (!isAuthentication && text === undefined) throw new GraphError(100, 'The BODY needs a text.')
      return {
        type,
        addSecurityRecommendation: component['add_security_recommendation'] === true,
        ...(text !== undefined && { text }),
      }
    case 'FOOTER': {
      const minutes = integerOf(component['code_expiration_minutes'])
      if (isAuthentication && (minutes === undefined || minutes < 1 || minutes > 90)) {
        throw new GraphError(100, 'code_expiration_minutes must be 1 to 90.')
      }
      return {
        type,
        ...(minutes !== undefined && { codeExpirationMinutes: minutes }),
        ...(text !== undefined && { text }),
      }
    }
    case 'BUTTONS':
      return isAuthentication ? { type, button: readOtpButton(component) } : { type }
    case 'HEADER':
      if (isAuthentication) throw new GraphError(100, 'Authentication templates have no header.')
      return { type, ...(text !== undefined && { text }) }
    case undefined:
    default:
      throw new GraphError(100, `Unknown component type ${String(component['type'])}.`)
  }
}

function readOtpButton(component: Fields): NonNullable<TemplateComponent['button']> {
  const buttons = listOf(component['buttons'])
  const [button] = buttons
  if (!button || buttons.length !== 1 || textOf(button['type'])?.toUpperCase() !== 'OTP')
    throw new GraphError(100, 'Exactly one OTP button is required.')
  const otpType = textOf(button['otp_type'])?.toUpperCase()
  if (otpType !== 'COPY_CODE' && otpType !== 'ONE_TAP' && otpType !== 'ZERO_TAP')
    throw new GraphError(100, 'otp_type must be COPY_CODE, ONE_TAP or ZERO_TAP.')
  const text = textOf(button['text'])
  if ((text?.length ?? 0) > 25) throw new GraphError(100, 'Button texts have at most 25 characters.')
  if (otpType === 'ZERO_TAP' && button['zero_tap_terms_accepted'] !== true)
    throw new GraphError(100, 'zero_tap_terms_accepted must be true.')
  const supportedApps = listOf(button['supported_apps']).map((app) => ({
    packageName: textOf(app['package_name']) ?? '',
    signatureHash: textOf(app['signature_hash']) ?? '',
  }))
  if (otpType !== 'COPY_CODE') {
    const areFine = supportedApps.every(
      ({ packageName, signatureHash }) =>
        /^[A-Za-z]\w*(\.[A-Za-z]\w*)+$/.test(packageName) && /^[A-Za-z0-9+/=]{11}$/.test(signatureHash),
    )
    if (supportedApps.length < 1 || supportedApps.length > 5 || !areFine)
      throw new GraphError(100, 'supported_apps must have 1 to 5 apps with package name and an 11-character hash.')
  }
  return { otpType, text, supportedApps }
}

/** `GET /{waba_id}/message_templates` */
export function listTemplates(world: World, query: Fields): object {
  const found = [...world.account.templates.values()].filter(
    (template) =>
      (query['name'] === undefined || template.name === query['name']) &&
      (query['status'] === undefined || template.status === textOf(query['status'])?.toUpperCase()) &&
      (query['category'] === undefined || template.category === textOf(query['category'])?.toUpperCase()) &&
      (query['language'] === undefined || template.language === query['language']),
  )
  const data = found.slice(0, integerOf(query['limit']) ?? 100).map(readBack)
  return { data, paging: { cursors: { before: 'MAZDZD', after: 'MjQZD' } } }
}

/** `GET` and `POST /{template_id}` */
export function templateNode(world: World, method: string, id: string, body: Fields): object | undefined {
  const template = [...world.account.templates.values()].find((one) => one.id === id)
  if (!template) return undefined
  if (method === 'GET') return readBack(template)
  const { name, category } = template
  const changed = readTemplate({
    name,
    category,
    components: body['components'] ?? spellComponents(template),
    ...(body['message_send_ttl_seconds'] !== undefined && {
      message_send_ttl_seconds: body['message_send_ttl_seconds'],
    }),
  })
  template.components = changed.components
  template.ttlSeconds = changed.ttlSeconds ?? template.ttlSeconds
  return { success: true, id, name, category }
}

/** `DELETE /{waba_id}/message_templates` */
export function deleteTemplates(world: World, query: Fields): object {
  const { templates } = world.account
  const name = textOf(query['name'])
  if (name === undefined) throw new GraphError(100, 'name is required.')
  const found = [...templates].filter(
    ([, one]) => one.name === name && (query['hsm_id'] === undefined || one.id === query['hsm_id']),
  )
  if (found.length === 0) throw noSuchNode('DELETE', name)
  for (const [key] of found) templates.delete(key)
  return { success: true }
}

/** `GET /{waba_id}/message_template_previews` */
export function previewTemplates(query: Fields): object {
  const wanted = textOf(query['languages']) ?? textOf(query['language'])
  const minutes = integerOf(query['code_expiration_minutes'])
  const data = (wanted?.split(',') ?? presetLanguages).map((language) => {
    const preset = presetOf(language)
    const body = preset.body('{{1}}')
    return {
      language,
      body: query['add_security_recommendation'] === 'true' ? `${body} ${preset.security}` : body,
      ...(minutes !== undefined && { footer: preset.footer(minutes) }),
      buttons: [{ text: preset.copy, autofill_text: preset.autofill }],
    }
  })
  return { data }
}

/** The OTP button reads back as a URL button. */
function readBack(template: Template): object {
  const { id, name, language, status, category, ttlSeconds } = template
  return {
    id,
    name,
    language,
    status,
    category,
    ...(ttlSeconds !== undefined && { message_send_ttl_seconds: ttlSeconds }),
    parameter_format: 'POSITIONAL',
    components: template.category === 'AUTHENTICATION' ? spellAuthentication(template) : spellComponents(template),
  }
}

function spellAuthentication(template: Template): object[] {
  const preset = presetOf(template.language)
  const minutes = template.components.find(({ type }) => type === 'FOOTER')?.codeExpirationMinutes
  return template.components.map(({ type, addSecurityRecommendation, button }) => {
    if (type === 'BODY') {
      const text =
        addSecurityRecommendation === true ? `${preset.body('{{1}}')} ${preset.security}` : preset.body('{{1}}')
      return {
        type,
        text,
        add_security_recommendation: addSecurityRecommendation === true,
        example: { body_text: [['123456']] },
      }
    }
    if (type === 'FOOTER') return { type, text: preset.footer(minutes ?? 10), code_expiration_minutes: minutes }
    const expiry = minutes === undefined ? '' : `&code_expiration_minutes=${minutes}`
    const url = `https://www.whatsapp.com/otp/code/?otp_type=${button?.otpType}${expiry}&code=otp`
    return {
      type,
      buttons: [{ type: 'URL', text: button?.text ?? preset.copy, url: `${url}{{1}}`, example: [`${url}123456`] }],
    }
  })
}

const spellComponents = (template: Template): object[] =>
  template.components.map(({ type, text, addSecurityRecommendation, codeExpirationMinutes, button }) => ({
    type,
    ...(text !== undefined && { text }),
    ...(addSecurityRecommendation === true && { add_security_recommendation: true }),
    ...(codeExpirationMinutes !== undefined && { code_expiration_minutes: codeExpirationMinutes }),
    ...(button && {
      buttons: [
        {
          type: 'OTP',
          otp_type: button.otpType,
          zero_tap_terms_accepted: true,
          ...(button.text !== undefined && { text: button.text }),
          supported_apps: button.supportedApps.map((app) => ({
            package_name: app.packageName,
            signature_hash: app.signatureHash,
          })),
        },
      ],
    }),
  }))

/** For the control API: a decision of the review, or of the quality watch. */
export function setTemplateStatus(world: World, name: string, status: Template['status']): number {
  const found = [...world.account.templates.values()].filter((one) => one.name === name)
  for (const template of found) template.status = status
  return found.length
}

export const templateStatuses = ['APPROVED', 'PENDING', 'REJECTED', 'PAUSED', 'DISABLED'] as const
export const isTemplateStatus = (value: unknown): value is Template['status'] =>
  (templateStatuses as readonly unknown[]).includes(value)

export const unpause = (world: World, id: string): object => {
  const template = [...world.account.templates.values()].find((one) => one.id === id)
  if (!template) throw noSuchNode('POST', id)
  if (template.status === 'PAUSED') template.status = 'APPROVED'
  return fieldsOf({ success: true })
}
