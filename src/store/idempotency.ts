import { Refusal } from '#core/errors.ts'
import type { Database } from './database.ts'
import type { Keyring } from './keyring.ts'

export interface StoredAnswer {
  readonly status: number
  readonly body: unknown
}

/** A claim this old belongs to a server that died; the request may run again. */
const claimLastsMs = 30_000

/**
 * Answers of calls that are not hot, kept under their Idempotency-Key. They are sealed: an answer may hold a key that
 * is shown only once. The hot calls keep theirs in the same transaction as their decision.
 */
export class IdempotencyStore {
  readonly #database: Database
  readonly #keyring: Keyring
  readonly #now: () => Date

  constructor(database: Database, keyring: Keyring, now: () => Date) {
    this.#database = database
    this.#keyring = keyring
    this.#now = now
  }

  async once(
    { businessId }: { readonly businessId: string },
    { key, fingerprint }: { readonly key: string; readonly fingerprint: Uint8Array },
    run: () => Promise<StoredAnswer>,
  ): Promise<StoredAnswer> {
    const earlier = await this.#claim(businessId, key, fingerprint)
    if (earlier) return earlier
    const about = `answer ${businessId} ${key}`
    try {
      const answer = await run()
      const sealed = Buffer.from(this.#keyring.seal(JSON.stringify(answer), about)).toString('base64')
      await this.#database.asBusiness(businessId, (trx) =>
        trx
          .updateTable('idempotency')
          .set({ answer: JSON.stringify({ sealed }) })
          .where('business_id', '=', businessId)
          .where('key', '=', key)
          .execute(),
      )
      return answer
    } catch (error) {
      // A refusal is no answer to keep: what refused it may be mended.
      await this.#database.asBusiness(businessId, (trx) =>
        trx.deleteFrom('idempotency').where('business_id', '=', businessId).where('key', '=', key).execute(),
      )
      throw error
    }
  }

  /** The earlier answer, or undefined when the key is ours now. */
  async #claim(businessId: string, key: string, fingerprint: Uint8Array): Promise<StoredAnswer | undefined> {
    const now = this.#now()
    return this.#database.asBusiness(businessId, async (trx) => {
      const { numInsertedOrUpdatedRows = 0n } = await trx
        .insertInto('idempotency')
        .values({
          business_id: businessId,
          key,
          fingerprint: Buffer.from(fingerprint),
          verification_id: null,
          answer: null,
          created_at: now,
        })
        .onConflict((conflict) => conflict.columns(['business_id', 'key']).doNothing())
        .executeTakeFirst()
      if (numInsertedOrUpdatedRows > 0n) return undefined
      const found = await trx
        .selectFrom('idempotency')
        .selectAll()
        .where('business_id', '=', businessId)
        .where('key', '=', key)
        .forUpdate()
        .executeTakeFirst()
      if (!found) throw new Refusal('busy', { retryAfterSeconds: 1 })
      if (!found.fingerprint.equals(fingerprint)) throw new Refusal('idempotency_key_reused')
      const answer = found.answer as { sealed?: string } | null
      if (answer?.sealed !== undefined) {
        const text = this.#keyring.unseal(Buffer.from(answer.sealed, 'base64'), `answer ${businessId} ${key}`)
        return JSON.parse(text) as StoredAnswer
      }
      if (now.getTime() - found.created_at.getTime() < claimLastsMs) throw new Refusal('busy', { retryAfterSeconds: 1 })
      await trx
        .updateTable('idempotency')
        .set({ created_at: now })
        .where('business_id', '=', businessId)
        .where('key', '=', key)
        .execute()
      return undefined
    })
  }
}
