import type { Sender } from '#core/messaging/channel.ts'
import { configOf, languagesDefault, secretsOf, templateName } from './cloud-api-config.ts'
import { type GraphCall, graphRequest, readJson } from './template.ts'

export interface Finding {
  readonly check: string
  readonly state: 'ok' | 'warning' | 'problem'
  readonly detail: string
  /** The exact next step, when there is something to mend. */
  readonly mend?: string
}

export interface DoctorFacts {
  /** Where this server takes the sender's receipts. */
  readonly webhookUrl: string
  /** Longest lifetime of a code: a template must not be delivered later. */
  readonly expiresInSeconds: number
  readonly now: Date
}

type Node = Readonly<Record<string, unknown>>

const ok = (check: string, detail: string): Finding => ({ check, state: 'ok', detail })
const problem = (check: string, detail: string, mend: string): Finding => ({ check, state: 'problem', detail, mend })
const warning = (check: string, detail: string, mend: string): Finding => ({ check, state: 'warning', detail, mend })

/** Looks at a WhatsApp set-up from Meta's side, the way a message would travel. */
export async function examineWhatsApp(sender: Sender, call: GraphCall, facts: DoctorFacts): Promise<Finding[]> {
  const read = async (path: string): Promise<{ status: number; node: Node }> => {
    const { status, body } = await call(graphRequest(sender, 'GET', path))
    return { status, node: readJson(body) as Node }
  }
  const token = await examineToken(sender, read, facts.now)
  if (token.some(({ state }) => state === 'problem')) return token
  return [
    ...token,
    ...(await examineNumber(sender, read)),
    ...(await examineTemplate(sender, read, facts.expiresInSeconds)),
    ...(await examineWebhook(sender, read, facts.webhookUrl)),
  ]
}

type Read = (path: string) => Promise<{ status: number; node: Node }>

async function examineToken(sender: Sender, read: Read, now: Date): Promise<Finding[]> {
  const check = 'access token'
  const { status, node } = await read(`debug_token?input_token=${encodeURIComponent(secretsOf(sender).access_token)}`)
  const data = (node['data'] ?? {}) as {
    is_valid?: boolean
    scopes?: string[]
    expires_at?: number
    granular_scopes?: { scope: string }[]
  }
  const newToken =
    'Business settings → System users → Generate token, with whatsapp_business_messaging and whatsapp_business_management; then `centang senders update`.'
  if (status !== 200 || data.is_valid !== true)
    return [problem(check, `Meta does not accept it${errorOf(node)}.`, newToken)]
  const scopes = new Set([...(data.scopes ?? []), ...(data.granular_scopes ?? []).map(({ scope }) => scope)])
  const findings: Finding[] = []
  for (const scope of ['whatsapp_business_messaging', 'whatsapp_business_management']) {
    if (!scopes.has(scope)) findings.push(problem(check, `The permission ${scope} is missing.`, newToken))
  }
  const expiresAt = data.expires_at ?? 0
  if (expiresAt > 0) {
    const days = Math.floor((expiresAt - now.getTime() / 1000) / 86_400)
    findings.push(
      warning(
        check,
        `It ends in ${days} days; every message fails from then on.`,
        'Use a token of a system user that never expires.',
      ),
    )
  }
  return findings.length > 0 ? findings : [ok(check, 'valid, does not expire, has both permissions')]
}

const numberFields =
  'display_phone_number,verified_name,status,name_status,quality_rating,code_verification_status,health_status,whatsapp_business_manager_messaging_limit'

async function examineNumber(sender: Sender, read: Read): Promise<Finding[]> {
  const { phone_number_id: id, waba_id: waba } = configOf(sender)
  const { status, node } = await read(`${id}?fields=${numberFields}`)
  if (status !== 200) {
    return [
      problem(
        'number',
        `Meta does not show a number ${id} to this token${errorOf(node)}.`,
        'Take the phone number id (not the number) from WhatsApp Manager → Phone numbers, and give the system user access to the account.',
      ),
    ]
  }
  const findings: Finding[] = []
  const listed = await read(`${waba}/phone_numbers?fields=id`)
  const ids = ((listed.node['data'] ?? []) as { id: string }[]).map((one) => one.id)
  if (!ids.includes(id))
    findings.push(
      problem(
        'number',
        `It does not belong to the account ${waba}.`,
        'Set waba_id to the account that owns the number.',
      ),
    )
  if (node['status'] !== 'CONNECTED') {
    findings.push(
      problem(
        'number',
        `Its status is ${String(node['status'])}, so nothing can be sent.`,
        'Register it: POST /{phone_number_id}/register with a six-digit PIN; see docs/guides/whatsapp.md.',
      ),
    )
  }
  if (node['code_verification_status'] !== 'VERIFIED') {
    findings.push(
      warning(
        'number',
        'Ownership of the number is not verified.',
        'POST /{phone_number_id}/request_code, then verify_code.',
      ),
    )
  }
  if (!['APPROVED', 'AVAILABLE_WITHOUT_REVIEW'].includes(String(node['name_status']))) {
    findings.push(
      warning(
        'display name',
        `The name is ${String(node['name_status'])}; people see the bare number.`,
        'WhatsApp Manager → Phone numbers → Profile: ask for the name again.',
      ),
    )
  }
  if (node['quality_rating'] === 'RED')
    findings.push(
      warning(
        'quality',
        'Many people blocked or reported this number.',
        'Send codes only to people who asked for one; look at the start requests that are never checked.',
      ),
    )
  const health = node['health_status'] as
    | {
        can_send_message?: string
        entities?: {
          entity_type: string
          can_send_message: string
          errors?: { error_description?: string; possible_solution?: string }[]
        }[]
      }
    | undefined
  for (const entity of health?.entities ?? []) {
    if (entity.can_send_message === 'AVAILABLE') continue
    const [error] = entity.errors ?? []
    findings.push(
      problem(
        'health',
        `${entity.entity_type} is ${entity.can_send_message}: ${error?.error_description ?? 'no reason given'}`,
        error?.possible_solution ?? 'WhatsApp Manager → Account overview tells more.',
      ),
    )
  }
  return findings.length > 0
    ? findings
    : [
        ok(
          'number',
          `${String(node['display_phone_number'])} “${String(node['verified_name'])}”, connected, quality ${String(node['quality_rating'])}, limit ${String(node['whatsapp_business_manager_messaging_limit'])}`,
        ),
      ]
}

interface TemplateNode {
  readonly name: string
  readonly language: string
  readonly status: string
  readonly category: string
  readonly message_send_ttl_seconds?: number | string
}

async function examineTemplate(sender: Sender, read: Read, expiresInSeconds: number): Promise<Finding[]> {
  const { template_name: name, template_minutes: minutes } = configOf(sender)
  const wanted = minutes?.map((one) => ({ name: templateName(name, one), seconds: one * 60 })) ?? [
    { name, seconds: expiresInSeconds },
  ]
  const findings = await Promise.all(wanted.map((one) => examineOneTemplate(sender, read, one.name, one.seconds)))
  return findings.flat()
}

async function examineOneTemplate(
  sender: Sender,
  read: Read,
  name: string,
  expiresInSeconds: number,
): Promise<Finding[]> {
  const { waba_id: waba, template_languages: wanted = languagesDefault } = configOf(sender)
  const make = 'Run `centang templates` for this sender, or create it in WhatsApp Manager with category Authentication.'
  const { status, node } = await read(`${waba}/message_templates?name=${name}&limit=200`)
  if (status !== 200)
    return [
      problem(
        'template',
        `The templates can't be read${errorOf(node)}.`,
        'Give the system user access to the WhatsApp account.',
      ),
    ]
  const templates = ((node['data'] ?? []) as readonly TemplateNode[]).filter((one) => one.name === name)
  if (templates.length === 0) return [problem('template', `There is no template ${name}.`, make)]
  const findings: Finding[] = []
  for (const language of wanted) {
    const found = templates.find((one) => one.language === language)
    if (!found) {
      findings.push(
        problem(
          'template',
          `${name} does not exist in ${language}.`,
          `${make} Or take ${language} out of template_languages.`,
        ),
      )
    } else if (found.category !== 'AUTHENTICATION') {
      findings.push(
        problem(
          'template',
          `${name} (${language}) has the category ${found.category}; codes may only go out as AUTHENTICATION.`,
          make,
        ),
      )
    } else if (found.status !== 'APPROVED') {
      findings.push(
        problem(
          'template',
          `${name} (${language}) is ${found.status}.`,
          found.status === 'PAUSED'
            ? 'Wait for the pause to end, or send from another template.'
            : 'Wait for the review; WhatsApp Manager → Message templates tells why.',
        ),
      )
    } else {
      const ttl = Number(found.message_send_ttl_seconds ?? 600)
      if (ttl < 0 || ttl > expiresInSeconds) {
        findings.push(
          warning(
            'template',
            `${name} (${language}) may be delivered after its code has expired (${ttl} s against ${expiresInSeconds} s).`,
            'Run `centang templates` to set message_send_ttl_seconds.',
          ),
        )
      }
    }
  }
  return findings.length > 0 ? findings : [ok('template', `${name}: approved in ${wanted.join(', ')}`)]
}

async function examineWebhook(sender: Sender, read: Read, webhookUrl: string): Promise<Finding[]> {
  const { waba_id: waba, phone_number_id: id } = configOf(sender)
  const set = `Run \`centang senders subscribe\`, or enter ${webhookUrl} and the verify token in the app dashboard under WhatsApp → Configuration, and subscribe to the field messages.`
  const apps = await read(`${waba}/subscribed_apps`)
  const subscribed = (apps.node['data'] ?? []) as readonly { override_callback_uri?: string }[]
  if (apps.status !== 200 || subscribed.length === 0)
    return [problem('webhook', 'No app is subscribed to the account: no receipt will come.', set)]
  const { node } = await read(`${id}?fields=webhook_configuration`)
  const {
    phone_number: ofNumber,
    whatsapp_business_account: ofWaba,
    application,
  } = (node['webhook_configuration'] ?? {}) as Record<string, string | undefined>
  const seen =
    ofNumber ??
    ofWaba ??
    subscribed.find((one) => one.override_callback_uri !== undefined)?.override_callback_uri ??
    application
  if (seen === undefined) return [problem('webhook', 'Meta has no URL to send receipts to.', set)]
  if (seen !== webhookUrl)
    return [problem('webhook', `Meta sends receipts to ${seen}, this server listens at ${webhookUrl}.`, set)]
  if (!webhookUrl.startsWith('https://') && sender.live)
    return [
      problem(
        'webhook',
        'Meta calls only https URLs with a public certificate.',
        'Set CENTANG_PUBLIC_URL to the https address of this server.',
      ),
    ]
  return [ok('webhook', `Meta sends receipts to ${seen}`)]
}

function errorOf(node: Node): string {
  const { error } = node as { error?: { message?: string } }
  return error?.message === undefined ? '' : ` (${error.message})`
}
