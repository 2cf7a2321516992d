import { type Selectable, sql } from 'kysely'
import type { Gateway, GatewayRecord, NewGateway, SigningSystem } from '#gateways/core/gateway.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { Database } from '#platform/database/database.ts'
import { keepQuota } from '#platform/database/quota.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import type { Keyring } from '#platform/keys/keyring.ts'
import { verificationRefusals } from '#verification/core/refusals.ts'
import type { GatewayTables } from './tables.ts'

const gatewayQuota = { what: 'gateways', max: 100 } as const

/** The key that made it may have been revoked with all that it made. */
const isCounted = sql<boolean>`not exists (select from api_key k where k.business_id = gateway.business_id
  and k.id = gateway.made_by_key_id and k.children_revoked_at is not null)`

/** Gateways with what their auth servers sign with: encrypted at rest, bound to its row, and never listed. */
export class GatewayStore {
  readonly #database: Database<GatewayTables>
  readonly #keyring: Keyring

  constructor(database: Database, keyring: Keyring) {
    this.#database = database.of<GatewayTables>()
    this.#keyring = keyring
  }

  async create(gateway: NewGateway, now: Date): Promise<GatewayRecord> {
    const { secret, ...rest } = gateway
    const id = uuidv7(now.getTime())
    const row = {
      business_id: gateway.businessId,
      id,
      application_id: gateway.applicationId,
      live: gateway.live,
      system: gateway.system,
      secret_sealed: this.#seal(id, secret),
      created_at: now,
      made_by_key_id: gateway.madeByKeyId,
    }
    await this.#database.asBusiness(gateway.businessId, async (trx) => {
      await keepQuota(trx, gateway.businessId, gatewayQuota, async () => {
        const found = trx.selectFrom('gateway').select('id').where('business_id', '=', gateway.businessId)
        return (await found.execute()).length
      })
      await trx.insertInto('gateway').values(row).execute()
    })
    return { ...rest, id, createdAt: now }
  }

  async list(businessId: string, live: boolean): Promise<GatewayRecord[]> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('gateway')
        .selectAll()
        .where('business_id', '=', businessId)
        .where('live', '=', live)
        .where(isCounted)
        .orderBy('id')
        .execute(),
    )
    return found.map(recordOf)
  }

  async remove(businessId: string, live: boolean, id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .deleteFrom('gateway')
        .where('business_id', '=', businessId)
        .where('live', '=', live)
        .where('id', '=', id)
        .executeTakeFirst(),
    )
    return numDeletedRows > 0n
  }

  /** Runs in role centang_engine, because row-level security needs a business, and a call names only the gateway. */
  async find(id: string): Promise<Gateway | undefined> {
    const found = await this.#database.asEngine((trx) =>
      trx.selectFrom('gateway').selectAll().where('id', '=', id).where(isCounted).executeTakeFirst(),
    )
    if (!found) return undefined
    const secret = this.#unseal(id, found.secret_sealed)
    // Sealed under a key that this server does not have; another one may.
    if (secret === undefined)
      throw new Refusal(verificationRefusals.key_unavailable, { detail: `the secret of ${about(id)}` })
    return { ...recordOf(found), secret }
  }

  /** Seals everything anew under the current master key; counts those that were still under another one. */
  async rotate(): Promise<{ readonly moved: number; readonly unreadable: number }> {
    return this.#database.asEngine(async (trx) => {
      const rows = await trx.selectFrom('gateway').selectAll().forUpdate().execute()
      const old = rows.filter(
        ({ secret_sealed }) => this.#keyring.sealedVersion(secret_sealed) !== this.#keyring.currentVersion,
      )
      let moved = 0
      for (const { business_id, id, secret_sealed } of old) {
        const secret = this.#unseal(id, secret_sealed)
        if (secret === undefined) continue
        await trx
          .updateTable('gateway')
          .set({ secret_sealed: this.#seal(id, secret) })
          .where('business_id', '=', business_id)
          .where('id', '=', id)
          .execute()
        moved++
      }
      return { moved, unreadable: old.length - moved }
    })
  }

  #seal(id: string, secret: string): Buffer {
    return Buffer.from(this.#keyring.seal(secret, about(id)))
  }

  #unseal(id: string, sealed: Uint8Array): string | undefined {
    try {
      return this.#keyring.unseal(sealed, about(id))
    } catch {
      return undefined
    }
  }
}

const about = (id: string): string => `gateway ${id}`

const recordOf = (found: Selectable<GatewayTables['gateway']>): GatewayRecord => ({
  businessId: found.business_id,
  id: found.id,
  applicationId: found.application_id,
  live: found.live,
  system: found.system as SigningSystem,
  createdAt: found.created_at,
  madeByKeyId: found.made_by_key_id,
})
