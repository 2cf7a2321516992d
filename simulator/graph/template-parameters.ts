import type { Template } from '../account.ts'
import { presetOf } from '../preset-texts.ts'
import { GraphError } from './errors.ts'
import { type Fields, listOf, textOf } from './fields.ts'

const codeLengthMax = 15

/** Puts the parameters of a send into its template, or refuses them as the Graph API does. */
export function renderTemplate(template: Template, components: readonly Fields[]): { text: string; code?: string } {
  const body = components.find(({ type }) => textOf(type)?.toLowerCase() === 'body')
  const values = listOf(body?.['parameters']).map(readParameter)
  return template.category === 'AUTHENTICATION'
    ? renderAuthentication(template, components, values)
    : renderText(template, values)
}

function renderAuthentication(
  template: Template,
  components: readonly Fields[],
  values: readonly string[],
): { text: string; code: string } {
  const [code] = values
  if (code === undefined || values.length !== 1) {
    throw new GraphError(
      132000,
      `body: number of localizable_params (${values.length}) does not match the expected number of params (1)`,
    )
  }
  if (code.length > codeLengthMax)
    throw new GraphError(132018, `The code may have at most ${codeLengthMax} characters.`)
  const button = components.find(({ type }) => textOf(type)?.toLowerCase() === 'button')
  if (!button) throw new GraphError(131008, 'buttons: Button at index 0 of type Url requires a parameter')
  if (textOf(button['sub_type'])?.toLowerCase() !== 'url')
    throw new GraphError(132018, 'buttons: Button at index 0 must be of type Url')
  if (String(button['index']) !== '0')
    throw new GraphError(132018, `buttons: There is no button at index ${String(button['index'])}`)
  const [onButton] = listOf(button['parameters']).map(readParameter)
  if (onButton === undefined)
    throw new GraphError(131008, 'buttons: Button at index 0 of type Url requires a parameter')
  if (onButton !== code) throw new GraphError(132018, 'The code in the button differs from the code in the body.')
  const preset = presetOf(template.language)
  const isWarned = template.components.find(({ type }) => type === 'BODY')?.addSecurityRecommendation === true
  return { code, text: isWarned ? `${preset.body(code)} ${preset.security}` : preset.body(code) }
}

function renderText(template: Template, values: readonly string[]): { text: string } {
  const text = template.components.find(({ type }) => type === 'BODY')?.text ?? ''
  const expected = new Set(text.match(/\{\{\d+\}\}/g)).size
  if (values.length !== expected) {
    throw new GraphError(
      132000,
      `body: number of localizable_params (${values.length}) does not match the expected number of params (${expected})`,
    )
  }
  return { text: text.replaceAll(/\{\{(\d+)\}\}/g, (_whole, index: string) => values[Number(index) - 1] ?? '') }
}

function readParameter(parameter: Fields): string {
  const text = textOf(parameter['text'])
  if (parameter['type'] !== 'text' || text === undefined) {
    throw new GraphError(100, "Parameter 'text' is mandatory for component parameter type 'text'", {
      message: '(#100) Invalid parameter',
    })
  }
  if (/[\n\t]| {5}/.test(text))
    throw new GraphError(132012, 'Param text cannot have new-line/tab characters or more than 4 consecutive spaces')
  return text
}
