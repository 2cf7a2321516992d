import type { Sender } from '#messaging/core/channel.ts'
import { configOf, graphRoot, secretsOf } from '#messaging/providers/whatsapp/cloud-api-config.ts'
import { type GraphCall, readJson } from '#messaging/providers/whatsapp/template.ts'
import { errorOf, type Finding, type Node, ok, problem, warning } from './finding.ts'

export interface AppExamined {
  readonly findings: readonly Finding[]
  /** Where the app sends its webhooks when neither number nor account says otherwise. */
  readonly callbackUrl: string | undefined
}

interface Subscription {
  readonly object?: string
  readonly callback_url?: string
  readonly active?: boolean
  readonly fields?: readonly (string | { readonly name?: string })[]
}

/**
 * Asks as the app itself, with its secret: the only question whose answer tells whether the secret is right before the
 * first receipt is refused for its signature.
 */
export async function examineApp(sender: Sender, call: GraphCall, appId: string | undefined): Promise<AppExamined> {
  if (appId === undefined) {
    const detail = 'Meta does not tell the app of the token, so the secret could not be tried.'
    const mend = 'Compare app_secret with App dashboard → App settings → Basic.'
    return { callbackUrl: undefined, findings: [warning('app secret', detail, mend)] }
  }
  const token = encodeURIComponent(`${appId}|${secretsOf(sender).app_secret}`)
  const url = `${graphRoot(configOf(sender))}/${appId}/subscriptions?access_token=${token}`
  const { status, body } = await call({ method: 'GET', url, headers: {} })
  const node = readJson(body) as Node
  if (status !== 200) {
    const detail = `Meta does not accept it for the app ${appId}${errorOf(node)}: every receipt would be refused.`
    const mend =
      'Copy App dashboard → App settings → Basic → App secret of the app that the token was made for; then `centang senders update`.'
    return { callbackUrl: undefined, findings: [problem('app secret', detail, mend)] }
  }
  const subscription = ((node['data'] ?? []) as readonly Subscription[]).find(
    ({ object }) => object === 'whatsapp_business_account',
  )
  return {
    callbackUrl: subscription?.callback_url,
    findings: [ok('app secret', `right for the app ${appId}`), ...examineFields(subscription)],
  }
}

/** An URL of the account or of the number changes where news go, not which: the app has to want them. */
function examineFields(subscription: Subscription | undefined): Finding[] {
  const fields = (subscription?.fields ?? []).map((one) => (typeof one === 'string' ? one : one.name))
  if (subscription && subscription.active !== false && fields.includes('messages')) return []
  return [
    problem(
      'webhook',
      'The app is not subscribed to the field messages: no receipt will come.',
      'App dashboard → WhatsApp → Configuration: enter the URL and verify token that `centang senders show` prints, then subscribe to messages under Webhook fields.',
    ),
  ]
}
