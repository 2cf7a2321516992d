import type { PhoneButton } from '../../../handsets/handset.ts'
import { presetOf } from '../../preset-texts.ts'
import { componentOf, type Template, type TemplateComponent } from '../../template.ts'
import { badParameter, GraphError } from '../errors.ts'
import { type Fields, fieldsOf, listOf, textOf } from '../fields.ts'

const codeLengthMax = 15
const bodyLengthMax = 1024
const payloadLengthMax = 256

export interface Rendered {
  /** With WhatsApp's asterisks for bold. */
  readonly text: string
  readonly code?: string
  readonly footer: string | undefined
  readonly quickReplies?: readonly PhoneButton[]
}

/** Puts the parameters of a send into its template, or refuses them as the Graph API does. */
export function renderTemplate(template: Template, components: readonly Fields[]): Rendered {
  refuseUnknownKinds(components)
  return template.category === 'AUTHENTICATION'
    ? renderAuthentication(template, components)
    : renderText(template, components)
}

const subTypes = ['quick_reply', 'url', 'catalog', 'copy_code', 'flow', 'mpm', 'order_details', 'voice_call', 'spm']

function refuseUnknownKinds(components: readonly Fields[]): void {
  for (const [index, component] of components.entries()) {
    const given = textOf(component['sub_type'])
    if (!isOfType(component, 'button') || (given !== undefined && subTypes.includes(given.toLowerCase()))) continue
    throw badParameter(
      `Param template['components'][${index}]['sub_type'] must be one of {${subTypes.join(', ').toUpperCase()}} - got "${given ?? ''}".`,
    )
  }
}

function renderAuthentication(template: Template, components: readonly Fields[]): Rendered {
  const values = parametersOf(components, 'body').map((one) => readText(one))
  const [code] = values
  if (code === undefined || values.length !== 1) throw miscounted('body', values.length, 1)
  refuseNonCode(code)
  refuseUnknownButtons(components, 1)
  const onButton = buttonParameter(components, 0)
  // Nothing documents what happens when the two differ; the strict reading finds the mistake.
  if (onButton !== code) throw new GraphError(132018, 'The code in the button differs from the code in the body.')
  const preset = presetOf(template.language)
  const isWarned = componentOf(template, 'BODY')?.addSecurityRecommendation === true
  const minutes = componentOf(template, 'FOOTER')?.codeExpirationMinutes
  return {
    code,
    text: isWarned ? `${preset.body(code)} ${preset.security}` : preset.body(code),
    footer: minutes === undefined ? undefined : preset.footer(minutes),
  }
}

/** Letters and symbols may be codes; pictures and addresses may not. Which code such a refusal has is not documented. */
function refuseNonCode(code: string): void {
  if (code.length > codeLengthMax)
    throw new GraphError(132018, `The code may have at most ${codeLengthMax} characters.`)
  if (/[\p{Extended_Pictographic}\p{Regional_Indicator}\u20e3]/u.test(code))
    throw new GraphError(132018, 'The code may not contain emoji.')
  if (/:\/\/|^www\.|[a-z0-9]\.[a-z]{2,}(\/|$)/i.test(code))
    throw new GraphError(132018, 'The code may not contain a URL.')
}

function renderText(template: Template, components: readonly Fields[]): Rendered {
  const header = renderHeader(template, components)
  const body = fill(template, 'body', componentOf(template, 'BODY')?.text ?? '', parametersOf(components, 'body'))
  if (body.length > bodyLengthMax) throw new GraphError(132005, 'body: the text is too long after substitution.')
  const buttons = componentOf(template, 'BUTTONS')?.buttons ?? []
  refuseUnknownButtons(components, buttons.length)
  const quickReplies = buttons.flatMap((button, index) =>
    typeOf(button) === 'QUICK_REPLY' ? [quickReply(textOf(button['text']) ?? '', components, index)] : [],
  )
  for (const [index, button] of buttons.entries()) {
    const isOpen = typeOf(button) === 'URL' && /\{\{/.test(textOf(button['url']) ?? '')
    if (isOpen) buttonParameter(components, index)
  }
  return {
    text: header === undefined ? body : `${header}\n\n${body}`,
    footer: componentOf(template, 'FOOTER')?.text,
    quickReplies,
  }
}

const typeOf = (button: Fields): string | undefined => textOf(button['type'])?.toUpperCase()

function refuseUnknownButtons(components: readonly Fields[], count: number): void {
  for (const one of components) {
    if (isOfType(one, 'button') && !(Number(one['index']) < count))
      throw new GraphError(132018, `buttons: There is no button at index ${String(one['index'])}`)
  }
}

/** Without a payload of its own it sends its label. */
function quickReply(label: string, components: readonly Fields[], index: number): PhoneButton {
  const given = components.find((one) => isOfType(one, 'button') && String(one['index']) === String(index))
  if (given && textOf(given['sub_type'])?.toLowerCase() !== 'quick_reply')
    throw new GraphError(132018, `buttons: Button at index ${index} must be of type QuickReply`)
  const [parameter] = listOf(given?.['parameters'])
  const payload = textOf(parameter?.['payload'])
  if (parameter && (payload === undefined || payload.length > payloadLengthMax))
    throw new GraphError(
      131009,
      `buttons: The payload of button ${index} must have 1 to ${payloadLengthMax} characters.`,
    )
  return { id: payload ?? label, kind: 'quick_reply', label }
}

/** The text in bold; of media only what it is. */
function renderHeader(template: Template, components: readonly Fields[]): string | undefined {
  const header = componentOf(template, 'HEADER')
  if (!header) return undefined
  const parameters = parametersOf(components, 'header')
  if (header.format === 'TEXT') return `*${fill(template, 'header', header.text ?? '', parameters)}*`
  const type = textOf(parameters[0]?.['type'])?.toUpperCase() ?? 'UNKNOWN'
  if (type !== header.format)
    throw new GraphError(132012, `header: Format mismatch, expected ${header.format}, received ${type}`)
  return `[${header.format.toLowerCase()}]`
}

function fill(template: Template, where: string, text: string, parameters: readonly Fields[]): string {
  const names = [...new Set(variablesOf(text))]
  if (parameters.length !== names.length) throw miscounted(where, parameters.length, names.length)
  const values = new Map(
    parameters.map((one, index) => [nameOf(template, where, one) ?? String(index + 1), readText(one)]),
  )
  return text.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_whole, name: string) => {
    const value = values.get(name)
    if (value === undefined) throw new GraphError(132012, `${where}: the parameter ${name} is missing.`)
    return value
  })
}

function nameOf({ isNamed }: Template, where: string, parameter: Fields): string | undefined {
  const name = textOf(parameter['parameter_name'])
  if (isNamed && name === undefined) throw new GraphError(100, 'Parameter name is missing or empty')
  if (!isNamed && name !== undefined) throw new GraphError(132012, `${where}: the template has no named parameters.`)
  return name
}

export const variablesOf = (text: string): string[] =>
  [...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, name]) => name as string)

function buttonParameter(components: readonly Fields[], index: number): string {
  const button = components.find((one) => isOfType(one, 'button') && String(one['index']) === String(index))
  if (button && textOf(button['sub_type'])?.toLowerCase() !== 'url')
    throw new GraphError(132018, `buttons: Button at index ${index} must be of type Url`)
  const [parameter] = listOf(button?.['parameters']).map(readText)
  if (parameter === undefined)
    throw new GraphError(131008, `buttons: Button at index ${index} of type Url requires a parameter`)
  return parameter
}

const isOfType = (component: Fields, type: string): boolean => textOf(component['type'])?.toLowerCase() === type

const parametersOf = (components: readonly Fields[], type: Lowercase<TemplateComponent['type']>): readonly Fields[] =>
  listOf(components.find((one) => isOfType(one, type))?.['parameters'])

const miscounted = (where: string, given: number, expected: number): GraphError =>
  new GraphError(
    132000,
    `${where}: number of localizable_params (${given}) does not match the expected number of params (${expected})`,
  )

/** A text, or what stands in for an amount or a date. */
function readText(parameter: Fields): string {
  const type = textOf(parameter['type'])
  const text =
    type === 'currency' || type === 'date_time'
      ? textOf(fieldsOf(parameter[type])['fallback_value'])
      : type === 'text'
        ? textOf(parameter['text'])
        : undefined
  if (text === undefined) {
    throw new GraphError(100, "Parameter 'text' is mandatory for component parameter type 'text'", {
      message: '(#100) Invalid parameter',
    })
  }
  if (/[\n\t]| {5}/.test(text))
    throw new GraphError(132012, 'Param text cannot have new-line/tab characters or more than 4 consecutive spaces')
  return text
}
