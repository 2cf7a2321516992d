import { randomBytes } from 'node:crypto'
import type { WebhookFormat } from '#webhooks/core/format.ts'
import type { Keyring } from '#platform/keys/keyring.ts'

export interface WebhookSecrets {
  readonly current: string
  readonly previous?: string
}

/** As the libraries that check a format take it; each is random, and has 128 bits at least. */
export function newWebhookSecret(format: WebhookFormat): string {
  switch (format) {
    case 'standard':
      return `whsec_${randomBytes(32).toString('base64')}`
    case 'vonage':
      return randomBytes(32).toString('hex')
    case 'twilio':
      // The shape of an auth token, for receivers that look at it.
      return randomBytes(16).toString('hex')
  }
}

/** Bound to the row they belong to. */
const aboutOf = (endpointId: string): string => `webhook endpoint ${endpointId}`

export const sealSecrets = (keyring: Keyring, endpointId: string, secrets: WebhookSecrets): Buffer =>
  Buffer.from(keyring.seal(JSON.stringify(secrets), aboutOf(endpointId)))

/** Throws when they were sealed under a master key that this server does not have. */
export const openSecrets = (keyring: Keyring, endpointId: string, sealed: Uint8Array): WebhookSecrets =>
  JSON.parse(keyring.unseal(sealed, aboutOf(endpointId))) as WebhookSecrets
