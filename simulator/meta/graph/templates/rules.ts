import { longestTtlSeconds, type Template, templateCategories, type TemplateComponent } from '../../template.ts'
import { badParameter, badTemplate, GraphError } from '../errors.ts'
import { type Fields, integerOf, listOf, textOf } from '../fields.ts'
import { readOtpButton } from './otp-button.ts'
import { variablesOf } from './parameters.ts'

export type TemplateContent = Pick<Template, 'name' | 'category' | 'components' | 'ttlSeconds' | 'isNamed'>

/** What Meta demands of a template. Samples are taken but not demanded. */
export function readTemplate(body: Fields, version: number): TemplateContent {
  const name = textOf(body['name'])
  if (name === undefined || !/^[a-z0-9_]{1,512}$/.test(name))
    throw badParameter('Param name must consist of a-z, 0-9 and _.')
  const given = textOf(body['category'])?.toUpperCase()
  const category = templateCategories.find((one) => one === given)
  if (!category) throw badParameter(`Param category must be one of ${templateCategories.join(', ')}.`)
  const isNamed = textOf(body['parameter_format'])?.toUpperCase() === 'NAMED'
  const components = listOf(body['components']).map((one) => readComponent(one, { category, isNamed, version }))
  if (!components.some(({ type }) => type === 'BODY'))
    throw badTemplate(2388072, 'Body is missing', 'A BODY component is required.')
  if (category === 'AUTHENTICATION' && !components.some(({ button }) => button))
    throw badParameter('Param components must have an OTP button.')
  return { name, category, components, isNamed, ttlSeconds: readTtl(body['message_send_ttl_seconds'], category) }
}

/** Seconds a message may wait; -1, where it is allowed, stands for 30 days. */
const ttlRanges = {
  AUTHENTICATION: { least: 30, most: 900, isEndless: true },
  UTILITY: { least: 30, most: 43_200, isEndless: true },
  MARKETING: { least: 43_200, most: longestTtlSeconds, isEndless: false },
} as const

function readTtl(given: unknown, category: Template['category']): number | undefined {
  if (given === undefined) return undefined
  const { least, most, isEndless } = ttlRanges[category]
  const ttl = integerOf(given)
  if (ttl === undefined || !((ttl >= least && ttl <= most) || (isEndless && ttl === -1)))
    throw badParameter(`Param message_send_ttl_seconds must be ${least} to ${most}${isEndless ? ', or -1' : ''}.`)
  return ttl
}

interface Around {
  readonly category: Template['category']
  readonly isNamed: boolean
  readonly version: number
}

function readComponent(component: Fields, around: Around): TemplateComponent {
  const isAuthentication = around.category === 'AUTHENTICATION'
  switch (textOf(component['type'])?.toUpperCase()) {
    case 'BODY':
      return isAuthentication ? readPresetBody(component) : readBody(component, around)
    case 'FOOTER':
      return isAuthentication ? readPresetFooter(component) : readFooter(component)
    case 'BUTTONS':
      return isAuthentication
        ? { type: 'BUTTONS', button: readOtpButton(component, around.version) }
        : readButtons(component)
    case 'HEADER':
      if (isAuthentication) throw badTemplate(2388047, 'Header not allowed', 'Authentication templates have no header.')
      return readHeader(component)
    case undefined:
    default:
      throw badParameter(`Param components has the unknown type ${String(component['type'])}.`)
  }
}

function readPresetBody(component: Fields): TemplateComponent {
  if (component['text'] !== undefined)
    throw badTemplate(2388072, 'Body not allowed', 'Authentication templates have preset texts only.')
  return { type: 'BODY', addSecurityRecommendation: component['add_security_recommendation'] === true }
}

function readPresetFooter(component: Fields): TemplateComponent {
  const minutes = integerOf(component['code_expiration_minutes'])
  if (minutes === undefined || minutes < 1 || minutes > 90)
    throw badParameter('Param code_expiration_minutes must be 1 to 90.')
  return { type: 'FOOTER', codeExpirationMinutes: minutes }
}

function readBody(component: Fields, { isNamed }: Around): TemplateComponent {
  const text = textOf(component['text'])
  if (text === undefined) throw badTemplate(2388072, 'Body is missing', 'The BODY needs a text.')
  if (text.length > 1024) throw badTemplate(2388040, 'Too long', 'The body may have at most 1024 characters.')
  if (/^\s*\{\{|\}\}\s*$/.test(text))
    throw badTemplate(2388299, 'Variable at an end', 'The body may not begin or end with a variable.')
  const names = [...new Set(variablesOf(text))]
  const areFine = isNamed
    ? names.every((name) => /^[a-z_][a-z0-9_]*$/.test(name))
    : names.every((name) => Number(name) >= 1 && Number(name) <= names.length)
  if (!areFine)
    throw badTemplate(2388072, 'Variables', isNamed ? 'Names must be lower case.' : 'Numbers must run from {{1}} on.')
  return { type: 'BODY', text, ...exampleOf(component) }
}

function readFooter(component: Fields): TemplateComponent {
  const text = textOf(component['text'])
  if (text === undefined || text.length > 60 || variablesOf(text).length > 0)
    throw badTemplate(2388073, 'Footer', 'The footer has 1 to 60 characters and no variables.')
  return { type: 'FOOTER', text }
}

const headerFormats = ['TEXT', 'IMAGE', 'VIDEO', 'DOCUMENT', 'LOCATION']

function readHeader(component: Fields): TemplateComponent {
  const format = textOf(component['format'])?.toUpperCase() ?? ''
  const text = textOf(component['text'])
  if (!headerFormats.includes(format))
    throw badTemplate(2388047, 'Header', `The format must be one of ${headerFormats.join(', ')}.`)
  if (format === 'TEXT' && (text === undefined || text.length > 60 || variablesOf(text).length > 1))
    throw badTemplate(2388047, 'Header', 'The header has 1 to 60 characters and at most one variable.')
  return { type: 'HEADER', format, ...(format === 'TEXT' && text !== undefined && { text }), ...exampleOf(component) }
}

const exampleOf = (component: Fields): { example?: unknown } =>
  component['example'] === undefined ? {} : { example: component['example'] }

const buttonsMax = 10
const labelMax = 25

function readButtons(component: Fields): TemplateComponent {
  const buttons = listOf(component['buttons'])
  if (buttons.length === 0 || buttons.length > buttonsMax)
    throw badParameter(`Param buttons must have 1 to ${buttonsMax}.`)
  for (const [index, button] of buttons.entries()) {
    const type = textOf(button['type'])?.toUpperCase()
    if (type === undefined || type === 'OTP') throw badParameter(`Param buttons[${index}] has no type of a button.`)
    if ((textOf(button['text'])?.length ?? 0) > labelMax)
      throw badTemplate(2388040, 'Too long', `Labels of buttons have at most ${labelMax} characters.`)
    if (type === 'PHONE_NUMBER' && !/^\+?\d{5,20}$/.test(textOf(button['phone_number']) ?? ''))
      throw new GraphError(192, undefined, {
        message: `(#192) Param buttons[${index}]['phone_number'] is not a valid phone number.`,
      })
  }
  return { type: 'BUTTONS', buttons: buttons.map((one) => ({ ...one, type: String(one['type']).toUpperCase() })) }
}
