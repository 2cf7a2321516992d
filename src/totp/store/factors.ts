import { createHmac } from 'node:crypto'
import { Refusal } from '#platform/core/refusal.ts'
import { readBase32 } from '#totp/core/base32.ts'
import { decideTotpCheck, type TotpCheck, type TotpEntity, type TotpFactor } from '#totp/core/factor.ts'
import type { TotpConfig } from '#totp/core/totp.ts'
import type { Database, TenantTransaction } from '#platform/database/database.ts'
import { keepQuota } from '#platform/database/quota.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import type { Keyring } from '#platform/keys/keyring.ts'
import { tellOfFactor } from './events.ts'
import { lockFactor, readFactor } from './rows.ts'
import { verificationRefusals } from '#verification/core/refusals.ts'
import type { TotpTables } from './tables.ts'

type Key = Pick<TotpFactor, 'businessId' | 'id'>

/**
 * Authenticator apps. Secrets are sealed and bound to their row; they are decrypted only inside `check`, and to be sealed
 * under a new master key.
 */
const factorQuota = { what: 'authenticator apps of a person', max: 20 } as const

export class TotpFactorStore {
  readonly #database: Database<TotpTables>
  readonly #keyring: Keyring

  constructor(database: Database, keyring: Keyring) {
    this.#database = database.of<TotpTables>()
    this.#keyring = keyring
  }

  async create(
    entity: TotpEntity,
    given: { friendlyName: string; secret: string; config: TotpConfig; metadata?: unknown },
    now: Date,
  ): Promise<TotpFactor> {
    const id = uuidv7(now.getTime())
    const { businessId } = entity
    return this.#database.asBusiness(businessId, async (trx) => {
      await keepQuota(trx, businessId, factorQuota, async () => {
        const own = trx.selectFrom('totp_factor').select('id').where('business_id', '=', businessId)
        return (await own.where('entity_id', '=', entity.id).execute()).length
      })
      const made = await trx
        .insertInto('totp_factor')
        .values({
          business_id: businessId,
          id,
          entity_id: entity.id,
          friendly_name: given.friendlyName,
          secret_sealed: this.#seal(id, given.secret),
          config: JSON.stringify(given.config),
          metadata: given.metadata === undefined ? null : JSON.stringify(given.metadata),
          created_at: now,
          updated_at: now,
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      await tellOfFactor(trx, { businessId, factorId: id, kind: 'factor.created', at: now })
      return readFactor(made)
    })
  }

  async listOf({ businessId, id }: TotpEntity): Promise<TotpFactor[]> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('totp_factor')
        .selectAll()
        .where('business_id', '=', businessId)
        .where('entity_id', '=', id)
        .orderBy('id')
        .execute(),
    )
    return found.map(readFactor)
  }

  async rename({ businessId, id }: Key, friendlyName: string, now: Date): Promise<TotpFactor | undefined> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .updateTable('totp_factor')
        .set({ friendly_name: friendlyName, updated_at: now })
        .where('business_id', '=', businessId)
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst(),
    )
    return found && readFactor(found)
  }

  async delete({ businessId, id }: Key, now: Date): Promise<boolean> {
    return this.#database.asBusiness(businessId, async (trx) => {
      const row = await lockFactor(trx, businessId, id)
      if (!row) return false
      await tellOfFactor(trx, { businessId, factorId: id, kind: 'factor.deleted', at: now })
      await trx.deleteFrom('totp_factor').where('business_id', '=', businessId).where('id', '=', id).execute()
      return true
    })
  }

  /**
   * Decides about a code with the factor's row locked, so that of many guesses in one moment each is counted and of
   * many right ones only the first is taken. A challenge that is named is approved with it. Undefined: no such factor.
   */
  async check(
    { businessId, id }: Key,
    { code, challengeId }: { readonly code: string; readonly challengeId?: string },
    now: Date,
  ): Promise<TotpCheck | undefined> {
    return this.#database.asBusiness(businessId, async (trx) => {
      const row = await lockFactor(trx, businessId, id)
      if (!row) return undefined
      const secret = this.#unseal(id, row.secret_sealed)
      if (secret === undefined) throw new Refusal(verificationRefusals.key_unavailable, { retryAfterSeconds: 5 })
      const factor = readFactor(row)
      const key = readBase32(secret) ?? new Uint8Array()
      const mac = (data: Uint8Array) => createHmac(factor.config.algorithm, key).update(data).digest()
      const check = decideTotpCheck(factor, mac, code, now)
      if (check.outcome !== 'paused') await write(trx, factor, check, now)
      if (check.outcome === 'right' && challengeId !== undefined) await approve(trx, factor, challengeId, now)
      return check
    })
  }

  /** Seals everything anew under the current master key; counts those that were still under another one. */
  async rotate(): Promise<{ readonly moved: number; readonly unreadable: number }> {
    return this.#database.asEngine(async (trx) => {
      const rows = await trx.selectFrom('totp_factor').selectAll().forUpdate().execute()
      const old = rows.filter((row) => this.#keyring.sealedVersion(row.secret_sealed) !== this.#keyring.currentVersion)
      let moved = 0
      for (const { business_id, id, secret_sealed } of old) {
        const secret = this.#unseal(id, secret_sealed)
        if (secret === undefined) continue
        await trx
          .updateTable('totp_factor')
          .set({ secret_sealed: this.#seal(id, secret) })
          .where('business_id', '=', business_id)
          .where('id', '=', id)
          .execute()
        moved++
      }
      return { moved, unreadable: old.length - moved }
    })
  }

  /** Undefined when it is sealed under a key that this server does not have. */
  #unseal(id: string, sealed: Buffer): string | undefined {
    try {
      return this.#keyring.unseal(sealed, `totp ${id}`)
    } catch {
      return undefined
    }
  }

  #seal(id: string, secret: string): Buffer {
    return Buffer.from(this.#keyring.seal(secret, `totp ${id}`))
  }
}

/** What a comparison leaves: the budget, and of a right code its step, so that it is used up. */
async function write(
  trx: TenantTransaction<TotpTables>,
  { businessId, id, verifiedAt }: TotpFactor,
  check: Exclude<TotpCheck, { outcome: 'paused' }>,
  now: Date,
): Promise<void> {
  const isFirst = check.outcome === 'right' && !verifiedAt
  await trx
    .updateTable('totp_factor')
    .set({
      failed_at: [...check.budget.failedAt],
      failed_consecutive: check.budget.failedConsecutive,
      ...(check.outcome === 'right' && { last_step: String(check.lastStep) }),
      ...(isFirst && { verified_at: now, updated_at: now }),
    })
    .where('business_id', '=', businessId)
    .where('id', '=', id)
    .execute()
  if (isFirst) await tellOfFactor(trx, { businessId, factorId: id, kind: 'factor.verified', at: now })
}

async function approve(
  trx: TenantTransaction<TotpTables>,
  { businessId, id }: Key,
  challengeId: string,
  now: Date,
): Promise<void> {
  const { numUpdatedRows } = await trx
    .updateTable('totp_challenge')
    .set({ approved_at: now })
    .where('business_id', '=', businessId)
    .where('id', '=', challengeId)
    .where('approved_at', 'is', null)
    .executeTakeFirst()
  if (numUpdatedRows > 0n)
    await tellOfFactor(trx, { businessId, factorId: id, kind: 'challenge.approved', challengeId, at: now })
}
