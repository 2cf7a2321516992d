import { type Finding, ok, problem, warning } from '#messaging/core/finding.ts'
import type { Call } from '#messaging/core/provider-call.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { configOf, graphRoot, secretsOf } from '../config.ts'
import { type Fields, fieldsOf, listOf } from '../fields.ts'
import { readJson } from '../graph.ts'
import { errorOf } from './read.ts'

export interface AppExamined {
  readonly findings: readonly Finding[]
  /** Where the app sends its webhooks when neither number nor account says otherwise. */
  readonly callbackUrl: string | undefined
}

/**
 * Asks as the app itself, with its secret: the only question whose answer tells whether the secret is right before the
 * first receipt is refused for its signature.
 */
export async function examineApp(sender: Sender, call: Call, appId: string | undefined): Promise<AppExamined> {
  if (appId === undefined) {
    const detail = 'Meta does not tell the app of the token, so the secret could not be tried.'
    const mend = 'Compare app_secret with App dashboard → App settings → Basic.'
    return { callbackUrl: undefined, findings: [warning('app secret', detail, mend)] }
  }
  const token = encodeURIComponent(`${appId}|${secretsOf(sender).app_secret}`)
  const wanted = `${graphRoot(configOf(sender))}/${appId}/subscriptions?access_token=${token}`
  const { status, body } = await call({ method: 'GET', url: wanted, headers: {} })
  const node = readJson(body)
  if (status !== 200) {
    const detail = `Meta does not accept it for the app ${appId}${errorOf(node)}: every receipt would be refused.`
    const mend =
      'Copy App dashboard → App settings → Basic → App secret of the app that the token was made for; then `centang senders update`.'
    return { callbackUrl: undefined, findings: [problem('app secret', detail, mend)] }
  }
  const subscription = listOf(node['data']).find(({ object }) => object === 'whatsapp_business_account')
  const url = subscription?.['callback_url']
  return {
    callbackUrl: typeof url === 'string' ? url : undefined,
    findings: [ok('app secret', `right for the app ${appId}`), ...examineFields(subscription)],
  }
}

/** What Meta tells of account, number and templates. */
const wanted = [
  'account_update',
  'account_alerts',
  'message_template_status_update',
  'template_category_update',
  'phone_number_quality_update',
  'security',
]

/** An URL of the account or of the number changes where news go, not which: the app has to want them. */
function examineFields(subscription: Fields | undefined): Finding[] {
  const told = subscription?.['fields']
  const fields = Array.isArray(told) ? told.map((one) => (typeof one === 'string' ? one : fieldsOf(one)['name'])) : []
  if (subscription && subscription['active'] !== false && fields.includes('messages')) {
    const missing = wanted.filter((one) => !fields.includes(one))
    if (missing.length === 0) return []
    const detail = `The app is not subscribed to ${missing.join(', ')}: a paused template or a restricted account is noticed only when messages fail.`
    return [warning('webhook', detail, 'App dashboard → WhatsApp → Configuration → Webhook fields: subscribe to them.')]
  }
  return [
    problem(
      'webhook',
      'The app is not subscribed to the field messages: no receipt will come.',
      'App dashboard → WhatsApp → Configuration: enter the URL and verify token that `centang senders show` prints, then subscribe to messages under Webhook fields.',
    ),
  ]
}
