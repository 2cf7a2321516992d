import type { Selectable } from 'kysely'
import type { PreSendHook, PreSendHookOwner } from '#verification/core/pre-send.ts'
import type { Database } from '#platform/database/database.ts'
import type { Keyring } from '#platform/keys/keyring.ts'
import { newStandardSecret } from '#platform/net/sign-standard.ts'
import type { VerificationTables } from './tables.ts'

export type KeptPreSendHook = PreSendHook & { readonly secret: string | undefined }

const sealedAs = ({ applicationId, live }: PreSendHookOwner): string => `pre-send hook ${applicationId} ${live}`

const seal = (keyring: Keyring, owner: PreSendHookOwner, secret: string): Buffer =>
  Buffer.from(keyring.seal(secret, sealedAs(owner)))

/** One hook an application and mode; its secret leaves here when it is made, and for signing. */
export class PreSendHookStore {
  readonly #database: Database<VerificationTables>
  readonly #keyring: Keyring

  constructor(database: Database, keyring: Keyring) {
    this.#database = database.of<VerificationTables>()
    this.#keyring = keyring
  }

  /** Makes it or takes the place of the one before, with a new secret. */
  async set(
    owner: PreSendHookOwner,
    { url, onFailure }: Pick<PreSendHook, 'url' | 'onFailure'>,
    now: Date,
  ): Promise<PreSendHook & { readonly secret: string }> {
    const { businessId, applicationId, live } = owner
    const secret = newStandardSecret()
    const changes = {
      url,
      on_failure: onFailure,
      secrets_sealed: seal(this.#keyring, owner, secret),
      created_at: now,
    }
    await this.#database.asBusiness(businessId, (trx) =>
      trx
        .insertInto('pre_send_hook')
        .values({ business_id: businessId, application_id: applicationId, live, ...changes })
        .onConflict((conflict) => conflict.columns(['business_id', 'application_id', 'live']).doUpdateSet(changes))
        .execute(),
    )
    return { businessId, applicationId, live, url, onFailure, createdAt: now, secret }
  }

  async find({ businessId, applicationId, live }: PreSendHookOwner): Promise<KeptPreSendHook | undefined> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('pre_send_hook')
        .selectAll()
        .where('business_id', '=', businessId)
        .where('application_id', '=', applicationId)
        .where('live', '=', live)
        .executeTakeFirst(),
    )
    return found && this.#read(found)
  }

  async remove({ businessId, applicationId, live }: PreSendHookOwner): Promise<boolean> {
    const { numDeletedRows } = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .deleteFrom('pre_send_hook')
        .where('business_id', '=', businessId)
        .where('application_id', '=', applicationId)
        .where('live', '=', live)
        .executeTakeFirst(),
    )
    return numDeletedRows > 0n
  }

  /** Seals everything anew under the current master key; counts those that were still under another one. */
  async rotate(): Promise<{ readonly moved: number; readonly unreadable: number }> {
    return this.#database.asEngine(async (trx) => {
      const rows = await trx.selectFrom('pre_send_hook').selectAll().forUpdate().execute()
      const old = rows
        .filter((row) => this.#keyring.sealedVersion(row.secrets_sealed) !== this.#keyring.currentVersion)
        .map((row) => this.#read(row))
      let moved = 0
      for (const hook of old) {
        if (hook.secret === undefined) continue
        await trx
          .updateTable('pre_send_hook')
          .set({ secrets_sealed: seal(this.#keyring, hook, hook.secret) })
          .where('business_id', '=', hook.businessId)
          .where('application_id', '=', hook.applicationId)
          .where('live', '=', hook.live)
          .execute()
        moved++
      }
      return { moved, unreadable: old.length - moved }
    })
  }

  #read(found: Selectable<VerificationTables['pre_send_hook']>): KeptPreSendHook {
    const owner = { businessId: found.business_id, applicationId: found.application_id, live: found.live }
    return {
      ...owner,
      url: found.url,
      onFailure: found.on_failure as PreSendHook['onFailure'],
      createdAt: found.created_at,
      secret: this.#secretOf(owner, found.secrets_sealed),
    }
  }

  /** Undefined: it is sealed under a master key that this server does not have. */
  #secretOf(owner: PreSendHookOwner, sealed: Uint8Array): string | undefined {
    try {
      return this.#keyring.unseal(sealed, sealedAs(owner))
    } catch {
      return undefined
    }
  }
}
