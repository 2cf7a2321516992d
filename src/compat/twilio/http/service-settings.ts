import { policyLimits } from '#access/core/policy.ts'
import type { ServiceSettings } from '#compat/twilio/core/kept-settings.ts'
import { shorten } from '#platform/core/storable-text.ts'
import { invalidParameter, notOffered, shownParameter } from './errors.ts'
import type { Form } from './form.ts'

export function readName(name: string): string {
  if (/\d{5}/.test(name)) throw invalidParameter('FriendlyName', 'must not have five digits in a row')
  return shownParameter('FriendlyName', name, { characters: 32 })
}

/** How it is here, for every service; the other value would be a promise that nobody keeps. */
const flags: Readonly<Record<string, boolean>> = {
  LookupEnabled: false,
  SkipSmsToLandlines: false,
  DtmfInputRequired: true,
  Psd2Enabled: true,
  DoNotShareWarningEnabled: true,
  VerifyEventSubscriptionEnabled: false,
}
const notSettable = /^(TtsName|DefaultTemplateSid|Push\.|Whatsapp\.|Passkeys\.)/

/** What a form sets of a service; anything else that would have to change something here is refused by name. */
export function readServiceSettings(form: Form): {
  readonly codeLength: number | undefined
  readonly own: Partial<Pick<ServiceSettings, 'customCodeEnabled'>>
} {
  for (const name of form.names()) {
    if (notSettable.test(name)) throw notOffered(shorten(name, 40))
    const holds = Object.hasOwn(flags, name) ? flags[name] : undefined
    const value = holds === undefined ? undefined : readFlag(form, name)
    if (value !== undefined && value !== holds) throw notOffered(name)
  }
  const customCodeEnabled = readFlag(form, 'CustomCodeEnabled')
  return {
    codeLength: form.integer('CodeLength', policyLimits.codeLength),
    own: customCodeEnabled === undefined ? {} : { customCodeEnabled },
  }
}

/** Languages differ in how they write them. */
function readFlag(form: Form, name: string): boolean | undefined {
  const value = form.text(name)?.toLowerCase()
  if (value === undefined) return undefined
  if (value !== 'true' && value !== 'false') throw invalidParameter(name)
  return value === 'true'
}
