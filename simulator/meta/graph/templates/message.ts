import type { World } from '../../../world/world.ts'
import type { AccountNumber } from '../../account.ts'
import { presetOf } from '../../preset-texts.ts'
import { codeMinutesOf, componentOf, type Template, templateKey, ttlSecondsOf } from '../../template.ts'
import { type Composed, fromBusiness } from '../composed.ts'
import { GraphError } from '../errors.ts'
import { type Fields, fieldsOf, listOf, textOf } from '../fields.ts'
import { renderTemplate } from './parameters.ts'

/** The template a send names, whatever state it is in. */
export function wantedTemplate({ account }: World, body: Fields): Template {
  const wanted = fieldsOf(body['template'])
  const name = textOf(wanted['name'])
  const language = textOf(fieldsOf(wanted['language'])['code'])
  if (name === undefined || language === undefined)
    throw new GraphError(131008, 'Required parameter is missing: template name and language code.')
  const template = account.templates.get(templateKey(name, language))
  if (!template || template.status === 'PENDING' || template.status === 'REJECTED')
    throw new GraphError(132001, `template name (${name}) does not exist in ${language}`)
  return template
}

export function templateMessage(
  world: World,
  number: AccountNumber,
  template: Template,
  body: Fields,
  digits: string,
): Composed {
  if (template.status === 'PAUSED') throw new GraphError(132015, 'The template is paused due to low quality.')
  if (template.status === 'DISABLED') throw new GraphError(132016, 'The template is disabled.')
  const {
    text,
    code,
    footer,
    quickReplies = [],
  } = renderTemplate(template, listOf(fieldsOf(body['template'])['components']))
  return {
    category: template.category.toLowerCase() as Composed['category'],
    ttlSeconds: ttlSecondsOf(template),
    screen: {
      ...fromBusiness(number),
      text: text.replaceAll('*', ''),
      textMarkup: text,
      footer,
      code,
      ...(code !== undefined && { codeExpiresAt: world.clock.now() + codeMinutesOf(template) * 60_000 }),
      buttons: template.category === 'AUTHENTICATION' ? buttonsOf(world, template, digits) : quickReplies,
    },
  }
}

/** Autofill only where the phone has the app; everything degrades to Copy code. */
function buttonsOf(world: World, template: Template, digits: string): Composed['screen']['buttons'] {
  const button = componentOf(template, 'BUTTONS')?.button
  if (!button) return []
  const { apps, language = template.language } = world.handset(digits).state
  const preset = presetOf(template.language)
  const hasApp = button.supportedApps.some((app) =>
    apps.some((one) => one.packageName === app.packageName && one.signatureHash === app.signatureHash),
  )
  const first =
    button.otpType !== 'COPY_CODE' && hasApp
      ? ({ id: 'autofill', kind: 'autofill', label: button.autofillText ?? preset.autofill } as const)
      : ({ id: 'copy_code', kind: 'copy_code', label: button.text ?? preset.copy } as const)
  // That button is no part of the template: it is WhatsApp's own, and speaks the language of the phone.
  return [first, { id: 'not_requested', kind: 'not_requested', label: presetOf(language).notRequested }]
}
