import type { World } from '../../../world/world.ts'
import { presetLanguages, presetOf } from '../../preset-texts.ts'
import type { Template } from '../../template.ts'
import { badParameter } from '../errors.ts'
import { type Fields, integerOf, textOf } from '../fields.ts'
import { selectFields } from '../select-fields.ts'
import { templateFields } from '../node-fields.ts'
import { readBack } from './read-back.ts'

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
  const data = page.map((one) => selectFields(readBack(world, one), query['fields'], templateFields))
  const cursors = { before: cursorOf(first), after: cursorOf(last) }
  const hasMore = start + page.length < found.length
  const link = (to: 'after' | 'before'): string => pageLink(world, url, to, cursors[to])
  const links = { ...(hasMore && { next: link('after') }), ...(start > 0 && { previous: link('before') }) }
  return { data, paging: { cursors, ...links } }
}

/** Newer versions may refuse a bad cursor with 131059; that is not certain. */
function placeOf(templates: readonly Template[], cursor: unknown): number {
  const place = templates.findIndex((one) => cursorOf(one) === cursor)
  if (place < 0) throw badParameter('Param after or before must be a cursor of this list.')
  return place
}

/** It can be opened as it stands: like Graph's own it carries the token, also where that came in a header. */
function pageLink({ account }: World, url: URL, to: 'after' | 'before', cursor: string): string {
  const page = new URL(url)
  page.searchParams.set('access_token', account.accessToken)
  for (const one of ['after', 'before']) page.searchParams.delete(one)
  page.searchParams.set(to, cursor)
  return page.toString()
}

function isWanted(template: Template, query: Fields): boolean {
  const { name, status, category, language } = template
  const content = template.components.map(({ text = '' }) => text).join('\n')
  // One value, or several in the spelling of a JSON array: `status=["APPROVED","PAUSED"]`.
  const is = (filter: string, value: string): boolean =>
    query[filter] === undefined ||
    [query[filter]].flat().some((one) => textOf(one)?.toUpperCase() === value.toUpperCase())
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
