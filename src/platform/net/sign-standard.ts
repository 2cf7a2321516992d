import { createHmac, randomBytes } from 'node:crypto'
import type { BusinessRequest } from '#platform/core/business-call.ts'

/** As the libraries take it that check signatures of Standard Webhooks. */
export const newStandardSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`

/** A request signed by Standard Webhooks 1.0: each secret (`whsec_…`) signs `id.timestamp.body`. */
export function signStandard({
  id,
  url,
  body,
  secrets,
  at,
}: {
  readonly id: string
  readonly url: string
  readonly body: string
  readonly secrets: readonly string[]
  readonly at: Date
}): BusinessRequest {
  const timestamp = Math.floor(at.getTime() / 1000)
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
    'content-type': 'application/json',
  }
  return { url, headers, body }
}
