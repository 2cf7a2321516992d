import type { Call, ProviderAnswer } from '#messaging/core/provider-call.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { configOf, secretsOf } from './config.ts'
import { graphRequest, GraphRefused, readJson } from './graph.ts'

/** Points the webhooks of the account at our URL; Meta asks it back at once. */
export async function subscribeWebhook(sender: Sender, call: Call, webhookUrl: string): Promise<void> {
  const { waba_id: waba } = configOf(sender)
  const { verify_token } = secretsOf(sender)
  const body = { override_callback_uri: webhookUrl, verify_token }
  const answer = await call(graphRequest(sender, 'POST', `${waba}/subscribed_apps`, body))
  if (!isDone(answer)) throw new GraphRefused('The webhook could not be set', answer)
}

/** Points the webhooks of one number at our URL, whatever the account's others do. */
export async function subscribeNumber(sender: Sender, call: Call, webhookUrl: string): Promise<void> {
  const { phone_number_id: number } = configOf(sender)
  const { verify_token } = secretsOf(sender)
  const body = { webhook_configuration: { override_callback_uri: webhookUrl, verify_token } }
  const answer = await call(graphRequest(sender, 'POST', number, body))
  if (!isDone(answer)) throw new GraphRefused('The webhook could not be set', answer)
}

const isDone = ({ status, body }: ProviderAnswer): boolean => status === 200 && readJson(body)['success'] === true
