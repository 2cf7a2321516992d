import { createHash, createPublicKey } from 'node:crypto'
import type { PublicKey } from '#compat/vonage/core/public-key.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { type Selectable, sql } from 'kysely'
import type { Caller } from '#platform/core/caller.ts'
import type { Database } from '#platform/database/database.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { VonageTables } from './tables.ts'

type KeyOwner = Omit<Caller, 'keyId'>

/** The API key that put it here may have been revoked with all that it made. */
const isCounted = sql<boolean>`not exists (select from api_key k where k.business_id = public_key.business_id
  and k.id = public_key.made_by_key_id and k.children_revoked_at is not null)`

/** The public keys that an application's JWTs are verified with: one in each mode. */
export class PublicKeyStore {
  readonly #database: Database<VonageTables>

  constructor(database: Database) {
    this.#database = database.of<VonageTables>()
  }

  /** Takes the place of the one that was there; the tokens of the old one are worth nothing from then on. */
  async put(owner: Caller, pem: string, now: Date): Promise<PublicKey> {
    const values = {
      id: uuidv7(now.getTime()),
      pem,
      fingerprint: createHash('sha256')
        .update(createPublicKey(pem).export({ type: 'spki', format: 'der' }))
        .digest(),
      created_at: now,
      made_by_key_id: owner.keyId,
    }
    const { businessId, applicationId, live } = owner
    try {
      const kept = await this.#database.asBusiness(businessId, (trx) =>
        trx
          .insertInto('public_key')
          .values({ ...values, business_id: businessId, application_id: applicationId, live })
          .onConflict((conflict) => conflict.columns(['business_id', 'application_id', 'live']).doUpdateSet(values))
          .returningAll()
          .executeTakeFirstOrThrow(),
      )
      return readPublicKey(kept)
    } catch (error) {
      if (!isUnique(error)) throw error
      throw new Refusal(platformRefusals.body_invalid, {
        errors: [{ path: 'body/public_key', problem: 'is the key of the other mode; make a pair of its own' }],
      })
    }
  }

  async find({ businessId, applicationId, live }: KeyOwner): Promise<PublicKey | undefined> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('public_key')
        .selectAll()
        .where('business_id', '=', businessId)
        .where('application_id', '=', applicationId)
        .where('live', '=', live)
        .where(isCounted)
        .executeTakeFirst(),
    )
    return found && readPublicKey(found)
  }

  async remove({ businessId, applicationId, live }: KeyOwner): Promise<boolean> {
    const { numDeletedRows } = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .deleteFrom('public_key')
        .where('business_id', '=', businessId)
        .where('application_id', '=', applicationId)
        .where('live', '=', live)
        .executeTakeFirst(),
    )
    return numDeletedRows > 0n
  }

  /**
   * Runs in role centang_engine, because row-level security needs a business, and a token names only the application.
   * Undefined when the application has none.
   */
  async ofApplication(applicationId: string): Promise<readonly PublicKey[] | undefined> {
    const found = await this.#database.asEngine((trx) =>
      trx.selectFrom('public_key').selectAll().where('application_id', '=', applicationId).where(isCounted).execute(),
    )
    return found.length === 0 ? undefined : found.map(readPublicKey)
  }
}

const isUnique = (error: unknown): boolean => (error as { code?: unknown }).code === '23505'

const readPublicKey = (found: Selectable<VonageTables['public_key']>): PublicKey => ({
  id: found.id,
  businessId: found.business_id,
  applicationId: found.application_id,
  live: found.live,
  pem: found.pem,
  fingerprint: found.fingerprint.toString('hex'),
  createdAt: found.created_at,
})
