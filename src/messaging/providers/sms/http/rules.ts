import type { FieldError } from '#messaging/core/field-error.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { configOf } from './config.ts'

/** What stands between the braces; anything, so that a misspelt name is found instead of sent. */
const placeholder = /\{\{(.*?)\}\}/g

/** What the schema can't say: that every placeholder has a value, and that receipts can be believed. */
export function breaksRules(sender: Pick<Sender, 'config' | 'secrets'>): FieldError[] {
  const config = configOf(sender)
  const known = new Set([
    'to',
    'to_digits',
    'text',
    'reference',
    ...(config.from === undefined ? [] : ['from']),
    ...Object.keys(sender.secrets).map((name) => `secret.${name}`),
  ])
  const templates = [
    { path: 'config/url', template: config.url },
    ...textsIn(config.headers, 'config/headers'),
    ...textsIn(config.body, 'config/body'),
  ]
  const used = new Set(templates.flatMap(({ template }) => namesIn(template)))
  return [
    ...templates
      .filter(({ template }) => !isFilled(template, known))
      .map(({ path }) => ({ path, problem: `has a placeholder without a value; there are ${spell(known)}` })),
    ...(used.has('text') ? [] : [{ path: 'config', problem: 'must hold {{text}}, or nobody learns the code' }]),
    ...(used.has('to') || used.has('to_digits')
      ? []
      : [{ path: 'config', problem: 'must hold {{to}} or {{to_digits}}' }]),
    ...(config.receipts && sender.secrets['webhook'] === undefined
      ? [{ path: 'secrets/webhook', problem: 'is required with receipts: it signs them or stands in their URL' }]
      : []),
  ]
}

const namesIn = (template: string): string[] => [...template.matchAll(placeholder)].map(([, name = '']) => name)

/** Also no brace that was left open. */
const isFilled = (template: string, known: ReadonlySet<string>): boolean =>
  namesIn(template).every((name) => known.has(name)) && !template.replaceAll(placeholder, '').includes('{{')

const spell = (known: ReadonlySet<string>): string => [...known].map((name) => `{{${name}}}`).join(' ')

/** Every text in a value, with where it stands. */
function textsIn(value: unknown, path: string): { path: string; template: string }[] {
  if (typeof value === 'string') return [{ path, template: value }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, one]) => textsIn(one, `${path}/${name}`))
}
