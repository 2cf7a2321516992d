import { sql } from 'kysely'
import { Refusal } from '#platform/core/refusal.ts'
import type { ChallengeFilter, TotpChallenge, TotpCheck, TotpEntity, TotpFactor } from '#totp/core/factor.ts'
import type { TotpConfig } from '#totp/core/totp.ts'
import type { Database } from '#platform/database/database.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import type { Keyring } from '#platform/keys/keyring.ts'
import { tellOfFactor } from './totp-events.ts'
import { lockFactor, readChallenge, readEntity, readFactor } from './totp-rows.ts'
import { verificationRefusals } from '#verification/core/refusals.ts'
import type { TotpTables } from './tables.ts'

export type TotpOwner = Pick<TotpEntity, 'businessId' | 'applicationId' | 'live'>
export interface Slice {
  readonly limit: number
  /** The id of the last one of the page before. */
  readonly after?: string
}
type Key = Pick<TotpFactor, 'businessId' | 'id'>

/** Authenticator apps. Secrets are sealed, and bound to the row they belong to. */
export class TotpStore {
  readonly #database: Database<TotpTables>
  readonly #keyring: Keyring

  constructor(database: Database, keyring: Keyring) {
    this.#database = database.of<TotpTables>()
    this.#keyring = keyring
  }

  /** Makes it when there is none; two that make it in one moment get the same one. */
  async openEntity(owner: TotpOwner, identity: string, now: Date): Promise<{ entity: TotpEntity; isNew: boolean }> {
    const id = uuidv7(now.getTime())
    const made = await this.#database.asBusiness(owner.businessId, (trx) =>
      trx
        .insertInto('totp_entity')
        .values({
          business_id: owner.businessId,
          id,
          application_id: owner.applicationId,
          live: owner.live,
          identity,
          created_at: now,
        })
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst(),
    )
    if (made) return { entity: readEntity(made), isNew: true }
    const entity = await this.findEntity(owner, identity)
    // It was deleted in between.
    return entity ? { entity, isNew: false } : this.openEntity(owner, identity, now)
  }

  async findEntity(owner: TotpOwner, identity: string): Promise<TotpEntity | undefined> {
    const found = await this.#database.asBusiness(owner.businessId, (trx) =>
      trx
        .selectFrom('totp_entity')
        .selectAll()
        .where('business_id', '=', owner.businessId)
        .where('application_id', '=', owner.applicationId)
        .where('live', '=', owner.live)
        .where('identity', '=', identity)
        .executeTakeFirst(),
    )
    return found && readEntity(found)
  }

  async listEntities(owner: TotpOwner, { limit, after }: Slice): Promise<TotpEntity[]> {
    const found = await this.#database.asBusiness(owner.businessId, (trx) =>
      trx
        .selectFrom('totp_entity')
        .selectAll()
        .where('business_id', '=', owner.businessId)
        .where('application_id', '=', owner.applicationId)
        .where('live', '=', owner.live)
        .$if(after !== undefined, (query) => query.where('id', '>', after as string))
        .orderBy('id')
        .limit(limit)
        .execute(),
    )
    return found.map(readEntity)
  }

  /** With its factors and their challenges. */
  async deleteEntity({ businessId, id }: TotpEntity, now: Date): Promise<boolean> {
    return this.#database.asBusiness(businessId, async (trx) => {
      // Locked, so that no factor comes in between and goes untold.
      await sql`select from totp_entity where business_id = ${businessId} and id = ${id} for update`.execute(trx)
      const factors = await trx
        .selectFrom('totp_factor')
        .select('id')
        .where('business_id', '=', businessId)
        .where('entity_id', '=', id)
        .forUpdate()
        .execute()
      for (const { id: factorId } of factors) {
        await tellOfFactor(trx, { businessId, factorId, kind: 'factor.deleted', at: now })
      }
      const { numDeletedRows } = await trx
        .deleteFrom('totp_entity')
        .where('business_id', '=', businessId)
        .where('id', '=', id)
        .executeTakeFirst()
      return numDeletedRows > 0n
    })
  }

  async createFactor(
    entity: TotpEntity,
    given: { friendlyName: string; secret: string; config: TotpConfig; metadata?: unknown },
    now: Date,
  ): Promise<TotpFactor> {
    const id = uuidv7(now.getTime())
    const { businessId } = entity
    return this.#database.asBusiness(businessId, async (trx) => {
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

  async listFactors({ businessId, id }: TotpEntity): Promise<TotpFactor[]> {
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

  async renameFactor({ businessId, id }: Key, friendlyName: string, now: Date): Promise<TotpFactor | undefined> {
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

  async deleteFactor({ businessId, id }: Key, now: Date): Promise<boolean> {
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
   * many right ones only the first is taken. A challenge that is named is approved with it.
   */
  async check(
    { businessId, id }: Key,
    decide: (factor: TotpFactor, secret: string) => TotpCheck,
    now: Date,
    challengeId?: string,
  ): Promise<TotpCheck['outcome'] | undefined> {
    return this.#database.asBusiness(businessId, async (trx) => {
      const row = await lockFactor(trx, businessId, id)
      if (!row) return undefined
      const secret = this.#unseal(id, row.secret_sealed)
      if (secret === undefined) throw new Refusal(verificationRefusals.key_unavailable, { retryAfterSeconds: 5 })
      const check = decide(readFactor(row), secret)
      if (check.outcome === 'paused') return 'paused'
      const isRight = check.outcome === 'right'
      await trx
        .updateTable('totp_factor')
        .set({
          failed_at: [...check.budget.failedAt],
          failed_consecutive: check.budget.failedConsecutive,
          ...(isRight && { last_step: String(check.lastStep), verified_at: row.verified_at ?? now }),
          ...(isRight && !row.verified_at && { updated_at: now }),
        })
        .where('business_id', '=', businessId)
        .where('id', '=', id)
        .execute()
      if (isRight && !row.verified_at) {
        await tellOfFactor(trx, { businessId, factorId: id, kind: 'factor.verified', at: now })
      }
      if (isRight && challengeId !== undefined) {
        const { numUpdatedRows } = await trx
          .updateTable('totp_challenge')
          .set({ approved_at: now })
          .where('business_id', '=', businessId)
          .where('id', '=', challengeId)
          .where('approved_at', 'is', null)
          .executeTakeFirst()
        if (numUpdatedRows > 0n) {
          await tellOfFactor(trx, { businessId, factorId: id, kind: 'challenge.approved', challengeId, at: now })
        }
      }
      return check.outcome
    })
  }

  async createChallenge(
    factor: TotpFactor,
    given: Pick<TotpChallenge, 'details' | 'hiddenDetails' | 'expiresAt'>,
    now: Date,
  ): Promise<TotpChallenge> {
    const made = await this.#database.asBusiness(factor.businessId, (trx) =>
      trx
        .insertInto('totp_challenge')
        .values({
          business_id: factor.businessId,
          id: uuidv7(now.getTime()),
          factor_id: factor.id,
          details: given.details === undefined ? null : JSON.stringify(given.details),
          hidden_details: given.hiddenDetails === undefined ? null : JSON.stringify(given.hiddenDetails),
          expires_at: given.expiresAt,
          approved_at: null,
          created_at: now,
        })
        .returningAll()
        .executeTakeFirstOrThrow(),
    )
    return readChallenge(made)
  }

  async countChallenges({ businessId, id }: Key, since: Date): Promise<number> {
    const { count } = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('totp_challenge')
        .select((of) => of.fn.countAll<string>().as('count'))
        .where('business_id', '=', businessId)
        .where('factor_id', '=', id)
        .where('created_at', '>', since)
        .executeTakeFirstOrThrow(),
    )
    return Number(count)
  }

  async findChallenge({ businessId, id: entityId }: TotpEntity, id: string): Promise<TotpChallenge | undefined> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('totp_challenge as c')
        .innerJoin('totp_factor as f', (join) =>
          join.onRef('f.business_id', '=', 'c.business_id').onRef('f.id', '=', 'c.factor_id'),
        )
        .selectAll('c')
        .where('c.business_id', '=', businessId)
        .where('c.id', '=', id)
        .where('f.entity_id', '=', entityId)
        .executeTakeFirst(),
    )
    return found && readChallenge(found)
  }

  /** Newest first, unless the oldest are asked for. */
  async listChallenges(
    { businessId, id: entityId }: TotpEntity,
    { limit, after }: Slice,
    { factorId, status, isOldestFirst = false, now }: ChallengeFilter,
  ): Promise<TotpChallenge[]> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('totp_challenge as c')
        .innerJoin('totp_factor as f', (join) =>
          join.onRef('f.business_id', '=', 'c.business_id').onRef('f.id', '=', 'c.factor_id'),
        )
        .selectAll('c')
        .where('c.business_id', '=', businessId)
        .where('f.entity_id', '=', entityId)
        .$if(factorId !== undefined, (query) => query.where('c.factor_id', '=', factorId as string))
        .$if(status !== undefined, (query) =>
          query.where('c.approved_at', status === 'approved' ? 'is not' : 'is', null),
        )
        .$if(status === 'pending', (query) => query.where('c.expires_at', '>', now))
        .$if(status === 'expired', (query) => query.where('c.expires_at', '<=', now))
        .$if(after !== undefined, (query) => query.where('c.id', isOldestFirst ? '>' : '<', after as string))
        .orderBy('c.id', isOldestFirst ? 'asc' : 'desc')
        .limit(limit)
        .execute(),
    )
    return found.map(readChallenge)
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
