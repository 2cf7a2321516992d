import type { World } from '../../../world/world.ts'
import { presetLanguages, presetOf } from '../../preset-texts.ts'
import type { Template } from '../../template.ts'
import { badParameter } from '../errors.ts'
import { type Fields, integerOf, textOf } from '../fields.ts'
import { selectFields } from '../select-fields.ts'
import { readBack, usualTemplateFields } from './read-back.ts'

const pageDefault = 100
const pageMax = 1000

const cursorOf = (template: Template): string => Buffer.from(`template ${template.id}`).toString('base64url')

/** `GET /{waba_id}/message_templates`: filtered, in pages. */
export function listTemplates(world: World, query: Fields, url: URL): object {
  const found = [...world.account.templates.values()].filter((one) => isWanted(one, query))
  const size = Math.min(integerOf(query['limit']) ?? pageDefault, pageMax)
  if (size < 1) throw badParameter('Param limit must be at least 1.')
  const after = query['after'] === undefined ? -1 : placeOf(found, query['after'])
  const before = query['before'] === undefined ? undefined : placeOf(found, query['before'])
  const start = before === undefined ? after + 1 : Math.max(0, before - size)
  const page = found.slice(start, before ?? start + size)
  const [first] = page
  const last = page.at(-1)
  if (!first || !last) return { data: [] }
  const data = page.map((one) => selectFields(readBack(world, one), query['fields'], usualTemplateFields))
  const cursors = { before: cursorOf(first), after: cursorOf(last) }
  const hasMore = start + page.length < found.length
  return { data, paging: { cursors, ...(hasMore && { next: nextPage(url, cursors.after) }) } }
}

/** Newer versions may refuse a bad cursor with 131059; that is not certain. */
function placeOf(templates: readonly Template[], cursor: unknown): number {
  const place = templates.findIndex((one) => cursorOf(one) === cursor)
  if (place < 0) throw badParameter('Param after or before must be a cursor of this list.')
  return place
}

function nextPage(url: URL, after: string): string {
  const next = new URL(url)
  next.searchParams.delete('access_token')
  next.searchParams.delete('before')
  next.searchParams.set('after', after)
  return next.toString()
}

function isWanted(template: Template, query: Fields): boolean {
  const { name, status, category, language } = template
  const content = template.components.map(({ text = '' }) => text).join('\n')
  const is = (filter: string, value: string): boolean =>
    query[filter] === undefined || value.toUpperCase() === textOf(query[filter])?.toUpperCase()
  const has = (filter: string, value: string): boolean =>
    query[filter] === undefined || value.includes(textOf(query[filter]) ?? '')
  return (
    is('name', name) &&
    is('status', status) &&
    is('category', category) &&
    is('language', language) &&
    has('content', content) &&
    has('name_or_content', `${name}\n${content}`)
  )
}

/** `GET /{waba_id}/message_template_previews` */
export function previewTemplates(query: Fields): object {
  const wanted = query['languages'] ?? query['language']
  const languages = Array.isArray(wanted) ? wanted.map(String) : textOf(wanted)?.split(',')
  const minutes = integerOf(query['code_expiration_minutes'])
  const data = (languages ?? presetLanguages).map((language) => {
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
