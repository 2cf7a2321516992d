import type { ChannelProvider } from '#messaging/core/provider.ts'
import type { ProviderRequest } from '#messaging/core/provider-call.ts'
import type { CodeMessage, SendResult } from '#messaging/core/send.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { CannotSend } from '#messaging/providers/cannot-send.ts'
import { vendorId } from '#messaging/providers/vendor-text.ts'
import { storableJson } from '#platform/core/storable-text.ts'
import { toChatRequest } from './chat.ts'
import {
  configOf,
  configSchema,
  languagesDefault,
  nearestLanguage,
  secretsOf,
  secretsSchema,
  templateFor,
} from './config.ts'
import { messageRequest } from './request.ts'
import { byHand } from './doctor/by-hand.ts'
import { examine } from './doctor/examine.ts'
import { judgeGraphError, wordsOfError } from './errors.ts'
import { type Fields, fieldsOf, listOf } from './fields.ts'
import { readJson } from './graph.ts'
import { simulated } from './simulated.ts'
import { subscribeWebhook } from './subscription.ts'
import { templates } from './templates.ts'
import { answerHandshake, readNews } from './callback.ts'

/** WhatsApp by Meta's Cloud API: an authentication template with the code in its body and in its button. */
export const provider: ChannelProvider = {
  id: 'whatsapp-cloud-api',
  channel: 'whatsapp',
  vendor: 'Meta',
  configSchema,
  secretsSchema,
  hosts: ['graph.facebook.com'],
  paths: /\/v\d{1,3}\.\d(?:\/[A-Za-z0-9_]+)+$/,
  toRequest,
  toChatRequest,
  toResult,
  answerHandshake,
  readNews,
  wantsIdentity: (sender) => configOf(sender).identity_check === true,
  addressOf: (sender) => configOf(sender).base_url,
  webhookFields: (sender) => ({ verify_token: secretsOf(sender).verify_token }),
  subscribe: subscribeWebhook,
  templates,
  examine,
  byHand,
  simulated,
}

function toRequest(message: CodeMessage, sender: Sender): ProviderRequest {
  const config = configOf(sender)
  const code = [{ type: 'text', text: message.code }]
  const language = nearestLanguage(message.locale, config.template_languages ?? languagesDefault)
  const template = templateFor(config, message.expiresInSeconds)
  if (!template) throw new CannotSend('expired', 'Less of the code is left than its shortest template lasts.')
  return messageRequest({ ...message, to: { phone: message.to } }, sender, {
    type: 'template',
    template: {
      name: template.name,
      language: { code: language },
      components: [
        { type: 'body', parameters: code },
        // Also a Copy code button is stored as a URL button.
        { type: 'button', sub_type: 'url', index: '0', parameters: code },
      ],
    },
  })
}

function toResult(httpStatus: number, body: string, sender: Sender): SendResult {
  const answer = storableJson(readJson(body))
  if (httpStatus >= 200 && httpStatus < 300) return accepted(answer)
  const { error: told } = answer
  if (typeof told !== 'object' || told === null) return withoutGraphBody(httpStatus)
  const error = fieldsOf(told)
  const { code, error_subcode: subcode, is_transient: isTransient } = error
  const { failure, retryAfterMs } = judgeGraphError(code, wordsOfError(error), { subcode, purpose: sender.purpose })
  if (retryAfterMs !== undefined) return { outcome: 'deferred', retryAfterMs, failure }
  // It passes by itself, says Meta: nobody has to act.
  if (isTransient === true) return { outcome: 'deferred', retryAfterMs: 2000, failure: { ...failure, alert: false } }
  return { outcome: 'refused', failure }
}

function accepted(answer: Fields): SendResult {
  const [message] = listOf(answer['messages'])
  if (typeof message?.['id'] !== 'string' || message['id'] === '') {
    return { outcome: 'unknown', detail: 'The Graph API answered 200 without a message id.' }
  }
  const { id, message_status: status } = message as { id: string; message_status?: unknown }
  if (status === 'held_for_quality_assessment' || status === 'paused') {
    return {
      outcome: 'refused',
      providerMessageId: vendorId(id),
      failure: { reason: 'held', providerCode: status, detail: '', alert: true, fallback: true },
    }
  }
  return { outcome: 'accepted', providerMessageId: vendorId(id) }
}

/** A proxy or a crashed front end answered: on 5xx nobody knows whether the message went on. */
function withoutGraphBody(httpStatus: number): SendResult {
  if (httpStatus >= 500) return { outcome: 'unknown', detail: `HTTP ${httpStatus} without a Graph error.` }
  const { failure } = judgeGraphError('', `HTTP ${httpStatus} without a Graph error.`)
  if (httpStatus === 429)
    return { outcome: 'deferred', retryAfterMs: 2000, failure: { ...failure, reason: 'rate_limited' } }
  const isDenied = httpStatus === 401 || httpStatus === 403
  return {
    outcome: 'refused',
    failure: { ...failure, reason: isDenied ? 'sender_misconfigured' : 'request_rejected', alert: isDenied },
  }
}
