import type { ByHand } from '#messaging/core/provider-account.ts'
import type { ChannelProvider } from '#messaging/core/provider.ts'
import type { ProviderRequest } from '#messaging/core/provider-call.ts'
import type { CodeMessage, SendResult } from '#messaging/core/send.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { configOf, configSchema, secretsSchema } from './config.ts'
import { judgeCode, spellCode } from './errors.ts'
import { breaksRules } from './rules.ts'
import { simulated } from './simulated.ts'
import { storableJson } from '#platform/core/storable-text.ts'
import { vendorId } from '#messaging/providers/vendor-text.ts'
import { readNews } from './callback.ts'
import { valueAt, wordAt } from './json-path.ts'
import { smsText } from '#messaging/providers/sms/text.ts'

/** A gateway that nobody knows tells nothing of itself: one message shows everything. */
const byHand = (webhookUrl: string): readonly ByHand[] => [
  {
    check: 'one message',
    what: 'With a live key: `centang send +62… --channel sms --wait`, to a phone of yours. It arrives, and its code is right.',
  },
  {
    check: 'receipt',
    what: `Within a minute \`centang verifications get ver_…\` says delivered. If it stays at sent, enter ${webhookUrl} at the gateway for delivery reports.`,
  },
]

/** SMS by any gateway that speaks HTTP, described in the sender's configuration. */
export const provider: ChannelProvider = {
  id: 'sms-http',
  channel: 'sms',
  vendor: 'The gateway',
  configSchema,
  secretsSchema,
  hosts: [],
  toRequest,
  toResult,
  readNews,
  breaksRules,
  byHand,
  simulated,
}

type Values = ReadonlyMap<string, string>

function toRequest(message: CodeMessage, sender: Sender): ProviderRequest {
  const config = configOf(sender)
  const values: Values = new Map([
    ['to', message.to],
    ['to_digits', message.to.replaceAll(/\D/g, '')],
    ['from', config.from ?? ''],
    ['text', smsText(message)],
    ['reference', message.reference],
    ...Object.entries(sender.secrets).map(([name, secret]) => [`secret.${name}`, secret] as const),
  ])
  const { method = 'POST', content_type: contentType = 'application/json', body = {} } = config
  const headers = Object.entries(config.headers ?? {}).map(([name, template]) => [
    name.toLowerCase(),
    oneLine(fill(template, values)),
  ])
  const url = config.url.replaceAll(/\{\{([a-z_.]+)\}\}/g, (_whole, name: string) =>
    encodeURIComponent(values.get(name) ?? ''),
  )
  const filled = fillAll(body, values) as Record<string, unknown>
  if (method === 'GET')
    return { method, url: withQuery(url, filled), headers: Object.fromEntries(headers) as Record<string, string> }
  return {
    method,
    url,
    headers: { 'content-type': contentType, ...(Object.fromEntries(headers) as Record<string, string>) },
    body: contentType === 'application/json' ? JSON.stringify(filled) : formOf(filled).toString(),
  }
}

/** Values are put in before anything is spelled as JSON or form, so nothing in them can break out. */
const fill = (template: string, values: Values): string =>
  template.replaceAll(/\{\{([a-z_.]+)\}\}/g, (_whole, name: string) => values.get(name) ?? '')

function fillAll(template: unknown, values: Values): unknown {
  if (typeof template === 'string') return fill(template, values)
  if (Array.isArray(template)) return template.map((one) => fillAll(one, values))
  if (typeof template !== 'object' || template === null) return template
  return Object.fromEntries(Object.entries(template).map(([name, one]) => [name, fillAll(one, values)]))
}

const oneLine = (header: string): string => header.replaceAll(/[\r\n]+/g, ' ')

const formOf = (fields: Record<string, unknown>): URLSearchParams =>
  new URLSearchParams(Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]))

const withQuery = (url: string, fields: Record<string, unknown>): string => {
  const query = formOf(fields).toString()
  return query === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${query}`
}

const successDefault = [200, 201, 202]

function toResult(httpStatus: number, body: string, sender: Sender): SendResult {
  const config = configOf(sender)
  const answer = parse(body)
  const { http_status: statuses = successDefault, path, equals = [] } = config.success ?? {}
  const told = path === undefined ? '' : wordAt(answer, path)
  if (statuses.includes(httpStatus) && (path === undefined || equals.includes(told))) {
    const id = valueAt(answer, config.id_path ?? 'id')
    return typeof id === 'string' || typeof id === 'number'
      ? { outcome: 'accepted', providerMessageId: vendorId(String(id)) }
      : { outcome: 'unknown', detail: 'The gateway accepted the message without an id.' }
  }
  const code = config.error_path === undefined ? undefined : valueAt(answer, config.error_path)
  const known = judgeCode(code, config)
  if (known) {
    return known.retryAfterMs === undefined
      ? { outcome: 'refused', failure: known.failure }
      : { outcome: 'deferred', retryAfterMs: known.retryAfterMs, failure: known.failure }
  }
  // Neither a yes nor a no: it may have been sent.
  if (statuses.includes(httpStatus) && told === '')
    return { outcome: 'unknown', detail: `HTTP ${httpStatus} without a known answer.` }
  return byHttpStatus(httpStatus, spellCode(code))
}

function byHttpStatus(status: number, providerCode: string): SendResult {
  const failure = { providerCode, detail: `HTTP ${status}`, alert: false, fallback: true }
  if (status === 429)
    return { outcome: 'deferred', retryAfterMs: 2000, failure: { ...failure, reason: 'rate_limited' } }
  // 503 is refused before anything is done; any other 5xx may have come after.
  if (status === 503)
    return { outcome: 'deferred', retryAfterMs: 2000, failure: { ...failure, reason: 'provider_unavailable' } }
  if (status >= 500) return { outcome: 'unknown', detail: `HTTP ${status}` }
  const isDenied = status === 401 || status === 403
  return {
    outcome: 'refused',
    failure: { ...failure, reason: isDenied ? 'sender_misconfigured' : 'request_rejected', alert: isDenied },
  }
}

function parse(body: string): unknown {
  try {
    return storableJson(JSON.parse(body))
  } catch {
    return undefined
  }
}
