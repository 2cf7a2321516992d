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
  if (configOf(sender).identity_check === true) await askForIdentities(sender, call)
}

/** From then on Meta tells which account is behind each number; without it a sender with identity_check knows none. */
async function askForIdentities(sender: Sender, call: Call): Promise<void> {
  const body = { user_identity_change: { enable_identity_key_check: true } }
  const answer = await call(graphRequest(sender, 'POST', `${configOf(sender).phone_number_id}/settings`, body))
  if (!isDone(answer)) throw new GraphRefused('Meta could not be asked to tell the accounts behind numbers', answer)
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
