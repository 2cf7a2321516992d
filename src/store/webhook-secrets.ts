import { randomBytes } from 'node:crypto'
import type { Keyring } from './keyring.ts'

export interface WebhookSecrets {
  readonly current: string
  readonly previous?: string
}

/** 32 random bytes, as Standard Webhooks spells them. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`

/** Bound to the row they belong to. */
const aboutOf = (endpointId: string): string => `webhook endpoint ${endpointId}`

export const sealSecrets = (keyring: Keyring, endpointId: string, secrets: WebhookSecrets): Buffer =>
  Buffer.from(keyring.seal(JSON.stringify(secrets), aboutOf(endpointId)))

/** Throws when they were sealed under a master key that this server does not have. */
export const openSecrets = (keyring: Keyring, endpointId: string, sealed: Uint8Array): WebhookSecrets =>
  JSON.parse(keyring.unseal(sealed, aboutOf(endpointId))) as WebhookSecrets
