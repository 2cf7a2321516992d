import { type Finding, ok, problem, warning } from '#messaging/core/finding.ts'
import type { Examination } from '#messaging/core/provider-account.ts'
import type { ProviderAnswer } from '#messaging/core/provider-call.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { configOf, secretsOf } from '../config.ts'
import { fieldsOf, listOf, wordOf } from '../fields.ts'
import { errorOf, type Read } from './read.ts'

/**
 * @param appId the app of the token, whose secret signs what is believed here
 * @param appUrl where that app sends its webhooks unless it is told otherwise
 */
export async function examineWebhook(
  sender: Sender,
  read: Read,
  { webhookUrl, ask, now }: Pick<Examination, 'webhookUrl' | 'ask' | 'now'>,
  appId: string | undefined,
  appUrl: string | undefined,
): Promise<Finding[]> {
  if (sender.live && !webhookUrl.startsWith('https://')) {
    return [
      problem(
        'webhook',
        'Meta calls only https URLs with a public certificate.',
        'Set CENTANG_PUBLIC_URL to the https address of this server.',
      ),
    ]
  }
  return [
    ...(await examineRoute(sender, read, webhookUrl, appId, appUrl)),
    await examineHandshake(sender, webhookUrl, ask, now),
  ]
}

/** Which app hears of this account, and where its news are sent: by number, else by account, else by app. */
async function examineRoute(
  sender: Sender,
  read: Read,
  webhookUrl: string,
  appId: string | undefined,
  appUrl: string | undefined,
): Promise<Finding[]> {
  const { waba_id: waba, phone_number_id: id } = configOf(sender)
  const set = `Run \`centang senders subscribe\`, or enter ${webhookUrl} and the verify token in the app dashboard under WhatsApp → Configuration.`
  const { status, node } = await read(`${waba}/subscribed_apps`)
  if (status !== 200) {
    const mend = 'Give the system user access to the WhatsApp account.'
    return [problem('webhook', `The subscribed apps can't be read${errorOf(node)}.`, mend)]
  }
  const apps = listOf(node['data'])
  const ids = apps.map((app) => wordOf(fieldsOf(app['whatsapp_business_api_data'])['id']))
  if (apps.length === 0) return [problem('webhook', 'No app is subscribed to the account: no receipt will come.', set)]
  if (appId !== undefined && !ids.includes(appId)) {
    const detail = `The account tells its news to the app ${ids.join(', ')}, not to ${appId}, which the token was made for.`
    return [problem('webhook', detail, 'Run `centang senders subscribe`.')]
  }
  const ours = apps[appId === undefined ? 0 : ids.indexOf(appId)]
  const number = await read(`${id}?fields=webhook_configuration`)
  const of = fieldsOf(number.node['webhook_configuration'])
  const told = [of['phone_number'], of['whatsapp_business_account'], ours?.['override_callback_uri'], of['application']]
  const seen = [...told, appUrl].find((one) => typeof one === 'string')
  if (seen === undefined) return [problem('webhook', 'Meta has no URL to send receipts to.', set)]
  if (seen !== webhookUrl)
    return [problem('webhook', `Meta sends receipts to ${seen}, this server listens at ${webhookUrl}.`, set)]
  return [ok('webhook', `Meta sends receipts to ${seen}`)]
}

/** The question with which Meta makes sure of a URL. */
async function examineHandshake(
  sender: Sender,
  webhookUrl: string,
  ask: Examination['ask'],
  now: Date,
): Promise<Finding> {
  // Meta's is any row of digits; another one every time, so that nothing on the way can have kept the answer.
  const challenge = String(now.getTime())
  const query = new URLSearchParams({
    'hub.mode': 'subscribe',
    'hub.verify_token': secretsOf(sender).verify_token,
    'hub.challenge': challenge,
  })
  const answer = await ask(`${webhookUrl}?${query.toString()}`).catch((error: unknown) => error)
  if (answer instanceof Error) {
    return warning(
      'handshake',
      `${webhookUrl} can't be reached from here (${answer.message}).`,
      'Start the server. If it is reached through a proxy that only the outside sees, run the doctor out there, or open the URL: any answer will do.',
    )
  }
  const { status, body } = answer as ProviderAnswer
  if (status === 200 && body === challenge) return ok('handshake', 'the URL answers as Meta wants it')
  return problem(
    'handshake',
    `${webhookUrl} answers ${status === 200 ? 'with something else than the challenge' : `HTTP ${status}`}.`,
    'Lead CENTANG_PUBLIC_URL and its proxy to this server, with the path unchanged; it must run on the same database as this command.',
  )
}
