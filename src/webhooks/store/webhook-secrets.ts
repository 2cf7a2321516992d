import type { Database } from '#platform/database/database.ts'
import type { Keyring } from '#platform/keys/keyring.ts'
import type { WebhookTables } from './tables.ts'

export interface WebhookSecrets {
  readonly current: string
  readonly previous?: string
}

/** Bound to the row they belong to. */
const aboutOf = (endpointId: string): string => `webhook endpoint ${endpointId}`

export const sealSecrets = (keyring: Keyring, endpointId: string, secrets: WebhookSecrets): Buffer =>
  Buffer.from(keyring.seal(JSON.stringify(secrets), aboutOf(endpointId)))

/** Throws when they were sealed under a master key that this server does not have. */
export const openSecrets = (keyring: Keyring, endpointId: string, sealed: Uint8Array): WebhookSecrets =>
  JSON.parse(keyring.unseal(sealed, aboutOf(endpointId))) as WebhookSecrets

/** Seals everything anew under the current master key; counts those that were still under another one. */
export const rotateWebhookSecrets = (
  database: Database,
  keyring: Keyring,
): Promise<{ readonly moved: number; readonly unreadable: number }> =>
  database.of<WebhookTables>().asEngine(async (trx) => {
    const rows = await trx.selectFrom('webhook_endpoint').selectAll().forUpdate().execute()
    let moved = 0
    let unreadable = 0
    for (const { business_id, id, secrets_sealed } of rows) {
      if (keyring.sealedVersion(secrets_sealed) === keyring.currentVersion) continue
      try {
        const sealed = sealSecrets(keyring, id, openSecrets(keyring, id, secrets_sealed))
        await trx
          .updateTable('webhook_endpoint')
          .set({ secrets_sealed: sealed })
          .where('business_id', '=', business_id)
          .where('id', '=', id)
          .execute()
        moved++
      } catch {
        unreadable++
      }
    }
    return { moved, unreadable }
  })
