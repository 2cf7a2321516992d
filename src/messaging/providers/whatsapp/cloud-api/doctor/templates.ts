import { type Finding, ok, problem, warning } from '#messaging/core/finding.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { configOf, languagesDefault, type LifetimeTemplate, templateFor, templatesOf } from '../config.ts'
import { type Fields, listOf, wordOf } from '../fields.ts'
import { errorOf, type Read } from './read.ts'

const make = 'Run `centang templates` for this sender, or create it in WhatsApp Manager with category Authentication.'
const ttlDefaultSeconds = 600

/** @param expiresInSeconds the shortest lifetime that an application of the business gives its codes */
export async function examineTemplates(sender: Sender, read: Read, expiresInSeconds: number): Promise<Finding[]> {
  const templates = templatesOf(configOf(sender))
  const findings = await Promise.all(templates.map((one) => examineTemplate(sender, read, one)))
  return [...examineLifetimes(sender, expiresInSeconds), ...findings.flat()]
}

/** A code with less to live than the shortest template does not go out by WhatsApp. */
function examineLifetimes(sender: Sender, expiresInSeconds: number): Finding[] {
  const [shortest] = templatesOf(configOf(sender))
  const minutes = shortest?.minutes ?? 1
  const mend = 'Add shorter lifetimes to template_minutes, or leave it out; then run `centang templates`.'
  if (!templateFor(configOf(sender), expiresInSeconds)) {
    const detail = `Codes live ${expiresInSeconds} s and the shortest template ${minutes} minutes: WhatsApp is never used.`
    return [problem('template', detail, mend)]
  }
  if (minutes === 1) return []
  const detail = `A code that is sent again with less than ${minutes} minutes left goes by the next channel.`
  return [warning('template', detail, mend)]
}

async function examineTemplate(sender: Sender, read: Read, template: LifetimeTemplate): Promise<Finding[]> {
  const { waba_id: waba, template_languages: wanted = languagesDefault } = configOf(sender)
  const { name } = template
  const { status, node } = await read(`${waba}/message_templates?name=${name}&limit=200`)
  if (status !== 200) {
    return [
      problem(
        'template',
        `The templates can't be read${errorOf(node)}.`,
        'Give the system user access to the WhatsApp account.',
      ),
    ]
  }
  const found = listOf(node['data']).filter((one) => one.name === name)
  if (found.length === 0) return [problem('template', `There is no template ${name}.`, make)]
  const findings = wanted.flatMap((language) =>
    examineLanguage(
      template,
      language,
      found.find((one) => one.language === language),
    ),
  )
  return findings.length > 0 ? findings : [ok('template', `${name}: approved in ${wanted.join(', ')}`)]
}

function examineLanguage({ name, ttlSeconds }: LifetimeTemplate, language: string, found?: Fields): Finding[] {
  if (!found) {
    const mend = `${make} Or take ${language} out of template_languages.`
    return [problem('template', `${name} does not exist in ${language}.`, mend)]
  }
  const { category, status, message_send_ttl_seconds: ttlFound = ttlDefaultSeconds } = found
  if (category !== 'AUTHENTICATION') {
    const detail = `${name} (${language}) has the category ${wordOf(category)}; codes may only go out as AUTHENTICATION.`
    return [problem('template', detail, make)]
  }
  if (status !== 'APPROVED') {
    const mend =
      status === 'PAUSED'
        ? 'Wait for the pause to end, or send from another template.'
        : 'Wait for the review; WhatsApp Manager → Message templates tells why.'
    return [problem('template', `${name} (${language}) is ${wordOf(status)}.`, mend)]
  }
  // Meta spells it as a number or as text; -1 are 30 days.
  const ttl = Number(ttlFound)
  if (ttl >= 0 && ttl <= ttlSeconds) return []
  const detail = `${name} (${language}) may be delivered after its code has expired (${wordOf(ttlFound)} s against ${ttlSeconds} s).`
  return [warning('template', detail, 'Run `centang templates` to set message_send_ttl_seconds.')]
}
