import type { World } from '../../../world/world.ts'
import { type Template, templateKey } from '../../template.ts'
import { badParameter, badTemplate, noSuchNode } from '../errors.ts'
import { type Fields, listOf, textOf } from '../fields.ts'
import { selectFields } from '../select-fields.ts'
import { templateFields } from '../node-fields.ts'
import { readBack } from './read-back.ts'
import { readTemplate, type TemplateContent } from './rules.ts'

const dayMs = 86_400_000
const monthMs = 30 * dayMs
const editsAMonth = 10

/** `POST /{waba_id}/message_templates`. The review is over at once. */
export function createTemplate(world: World, body: Fields, version: number): object {
  const language = textOf(body['language'])
  if (language === undefined) throw badParameter('The parameter language is required.')
  const content = readTemplate(body, version)
  if (world.account.templates.has(templateKey(content.name, language)))
    throw badTemplate(2388024, 'Content in this language already exists', 'There is a template of this name already.')
  const { id, status, category } = save(world, content, language)
  return { id, status, category }
}

/** `POST /{waba_id}/upsert_message_templates`: several languages at once, labels left to the platform. */
export function upsertTemplates(world: World, body: Fields, version: number): object {
  const languages = Array.isArray(body['languages']) ? body['languages'].map(String) : []
  if (languages.length === 0) throw badParameter('The parameter languages is required.')
  if (body['language'] !== undefined) throw badParameter('Param language is not allowed here.')
  if (textOf(body['category'])?.toUpperCase() !== 'AUTHENTICATION')
    throw badParameter('Param category must be AUTHENTICATION.')
  for (const button of listOf(body['components']).flatMap((one) => listOf(one['buttons']))) {
    if (button['text'] !== undefined || button['autofill_text'] !== undefined)
      throw badParameter('Params text and autofill_text of a button are not allowed here.')
  }
  const content = readTemplate(body, version)
  const saved = languages.map((language) => save(world, content, language))
  return { data: saved.map(({ id, status, language }) => ({ id, status, language })) }
}

/** Of an account whose business is verified. */
const templatesMax = 6000

function save(world: World, content: TemplateContent, language: string): Template {
  const { templates } = world.account
  const before = templates.get(templateKey(content.name, language))
  if (!before) {
    if (templates.size >= templatesMax)
      throw badTemplate(2388019, 'Too many templates', `The account may have ${templatesMax} templates.`)
    refuseDeletedName(world, content.name)
    refuseDeletedName(world, templateKey(content.name, language))
  }
  const template: Template = {
    ...content,
    id: before?.id ?? String(1_000_000_000_000_000 + Number.parseInt(world.random.hex(8), 16)),
    language,
    status: before ? statusAfterEdit(before) : 'APPROVED',
    ttlSeconds: content.ttlSeconds ?? before?.ttlSeconds,
    edits: before?.edits ?? [],
  }
  templates.set(templateKey(content.name, language), template)
  return template
}

/** An edit is reviewed anew, and the review is over at once; what waits for a decision, or is disabled, stays so. */
const statusAfterEdit = ({ status }: Template): Template['status'] =>
  status === 'REJECTED' || status === 'PAUSED' ? 'APPROVED' : status

function refuseDeletedName({ account, clock }: World, name: string): void {
  const until = account.deletedNames.get(name)
  if (until === undefined) return
  if (clock.now() < until)
    throw badTemplate(2388023, 'The name is being deleted', 'A deleted name can be used again after 30 days.')
  account.deletedNames.delete(name)
}

/** `GET` and `POST /{template_id}` */
export function templateNode(world: World, method: string, id: string, body: Fields, version: number): Fields {
  const template = findTemplate(world, id)
  if (!template || (method !== 'GET' && method !== 'POST')) throw noSuchNode(method, id)
  if (method === 'GET') return selectFields(readBack(world, template), body['fields'], templateFields)
  const edits = editsWithThis(world, template)
  const { name, category } = template
  const changed = readTemplate({ ...spelledAgain(template), ...body, name, category }, version)
  template.edits = edits
  template.components = body['components'] === undefined ? template.components : changed.components
  template.isNamed = changed.isNamed
  template.ttlSeconds = changed.ttlSeconds ?? template.ttlSeconds
  template.status = statusAfterEdit(template)
  return { success: true, id, name, category }
}

/** What stays when an edit leaves it out. Components that stay are not read anew, so any will do. */
const spelledAgain = ({ category, isNamed }: Template): Fields => ({
  parameter_format: isNamed ? 'NAMED' : 'POSITIONAL',
  components:
    category === 'AUTHENTICATION'
      ? [{ type: 'BODY' }, { type: 'BUTTONS', buttons: [{ type: 'OTP', otp_type: 'COPY_CODE' }] }]
      : [{ type: 'BODY', text: 'As it was.' }],
})

/** Whether an upsert counts as an edit is not documented; here it does not. */
function editsWithThis({ clock }: World, template: Template): readonly number[] {
  if (!['APPROVED', 'REJECTED', 'PAUSED'].includes(template.status))
    throw badParameter(`A template that is ${template.status} cannot be edited.`)
  if (template.status !== 'APPROVED') return template.edits
  const now = clock.now()
  const edits = template.edits.filter((at) => now - at < monthMs)
  if (edits.length >= editsAMonth || edits.some((at) => now - at < dayMs))
    throw badParameter(`An approved template can be edited once in 24 hours and ${editsAMonth} times in 30 days.`)
  return [...edits, now]
}

/** `DELETE /{waba_id}/message_templates`: a name in all its languages, or the ones with these ids. */
export function deleteTemplates(world: World, query: Fields): object {
  const { templates, deletedNames } = world.account
  const name = textOf(query['name'])
  const ids = Array.isArray(query['hsm_ids'])
    ? query['hsm_ids'].map(String)
    : query['hsm_id'] === undefined
      ? undefined
      : [textOf(query['hsm_id']) ?? '']
  if (name === undefined && !Array.isArray(query['hsm_ids'])) throw badParameter('The parameter name is required.')
  const found = [...templates.values()].filter(
    (one) => (name === undefined || one.name === name) && (ids === undefined || ids.includes(one.id)),
  )
  if (found.length === 0) throw noSuchNode('DELETE', name ?? String(ids))
  if (found.some(({ status }) => status === 'DISABLED')) throw badParameter('A disabled template cannot be deleted.')
  for (const template of found) {
    templates.delete(templateKey(template.name, template.language))
    if (template.status !== 'APPROVED') continue
    const isLast = ![...templates.values()].some((one) => one.name === template.name)
    const blocked = isLast ? template.name : templateKey(template.name, template.language)
    deletedNames.set(blocked, world.clock.now() + monthMs)
  }
  return { success: true }
}

const findTemplate = ({ account }: World, id: string): Template | undefined =>
  [...account.templates.values()].find((one) => one.id === id)

/** `POST /{template_id}/unpause` */
export function unpause(world: World, id: string): object {
  const template = findTemplate(world, id)
  if (!template) throw noSuchNode('POST', id)
  if (template.status === 'PAUSED') template.status = 'APPROVED'
  return { success: true }
}
