import type { ProviderAnswer, ProviderRequest } from '#messaging/core/provider-call.ts'
import type { Sender } from '#messaging/core/sender.ts'
import { configOf, graphRoot, secretsOf } from './config.ts'
import { type Fields, fieldsOf } from './fields.ts'

/** What Meta would not do, in its own words. */
export class GraphRefused extends Error {
  constructor(what: string, { status, body }: ProviderAnswer) {
    const error = fieldsOf(readJson(body)['error'])
    // Of a template Meta says only "Invalid parameter" in the message, and to the user what is wrong.
    const said = [error['message'], error['error_user_msg'], fieldsOf(error['error_data'])['details']]
    const detail = said.filter((one) => typeof one === 'string' && one !== '').join(' ')
    super(`${what}: ${detail === '' ? `HTTP ${status}` : detail}`)
    this.name = 'GraphRefused'
  }
}

/** An answer whose members may be asked for; empty when it was no JSON. */
export const readJson = (body: string): Fields => {
  try {
    return fieldsOf(JSON.parse(body))
  } catch {
    return {}
  }
}

export function graphRequest(sender: Sender, method: 'GET' | 'POST', path: string, body?: object): ProviderRequest {
  return {
    method,
    url: `${graphRoot(configOf(sender))}/${path}`,
    headers: {
      authorization: `Bearer ${secretsOf(sender).access_token}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  }
}
