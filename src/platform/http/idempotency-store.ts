import { sql } from 'kysely'
import { type Forgotten, forgotten } from '#platform/core/kept.ts'
import { Refusal } from '#platform/core/refusal.ts'
import type { Database } from '#platform/database/database.ts'
import type { Keyring } from '#platform/keys/keyring.ts'
import { platformRefusals } from '#platform/core/refusals.ts'

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
    { businessId, aboutBusinessId }: { readonly businessId: string; readonly aboutBusinessId?: string | undefined },
    { key, fingerprint }: { readonly key: string; readonly fingerprint: Uint8Array },
    run: () => Promise<StoredAnswer>,
  ): Promise<StoredAnswer> {
    const earlier = await this.#claim(businessId, key, fingerprint, aboutBusinessId ?? null)
    if (earlier) return earlier
    let answer: StoredAnswer
    try {
      answer = await run()
    } catch (error) {
      // A refusal is no answer to keep: what refused it may be mended.
      await this.#forget(businessId, key).catch(() => undefined)
      throw error
    }
    // What was asked is done, so it is answered. Should its answer not be kept, the claim stays: a repeat is told to
    // wait, and does not do it a second time within the time in which clients repeat.
    await this.#keep(businessId, key, answer).catch(() => this.#keep(businessId, key, answer).catch(() => undefined))
    return answer
  }

  async #keep(businessId: string, key: string, answer: StoredAnswer): Promise<void> {
    const sealed = Buffer.from(this.#keyring.seal(JSON.stringify(answer), aboutOf(businessId, key))).toString('base64')
    await this.#database.asBusiness(businessId, (trx) =>
      trx
        .updateTable('idempotency')
        .set({ answer: JSON.stringify({ sealed }) })
        .where('business_id', '=', businessId)
        .where('key', '=', key)
        .execute(),
    )
  }

  async #forget(businessId: string, key: string): Promise<void> {
    await this.#database.asBusiness(businessId, (trx) =>
      trx.deleteFrom('idempotency').where('business_id', '=', businessId).where('key', '=', key).execute(),
    )
  }

  /** The earlier answer, or undefined when the key is ours now. */
  async #claim(
    businessId: string,
    key: string,
    fingerprint: Uint8Array,
    aboutBusinessId: string | null,
  ): Promise<StoredAnswer | undefined> {
    const now = this.#now()
    return this.#database.asBusiness(businessId, async (trx) => {
      const { numInsertedOrUpdatedRows = 0n } = await trx
        .insertInto('idempotency')
        .values({
          business_id: businessId,
          key,
          fingerprint: Buffer.from(fingerprint),
          subject_id: aboutBusinessId,
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
      if (!found) throw new Refusal(platformRefusals.busy, { retryAfterSeconds: 1 })
      if (!found.fingerprint.equals(fingerprint)) throw new Refusal(platformRefusals.idempotency_key_reused)
      const answer = found.answer as { sealed?: string } | null
      if (answer?.sealed !== undefined) {
        return JSON.parse(this.#unseal(answer.sealed, aboutOf(businessId, key))) as StoredAnswer
      }
      if (now.getTime() - found.created_at.getTime() < claimLastsMs)
        throw new Refusal(platformRefusals.busy, { retryAfterSeconds: 1 })
      await trx
        .updateTable('idempotency')
        .set({ created_at: now })
        .where('business_id', '=', businessId)
        .where('key', '=', key)
        .execute()
      return undefined
    })
  }

  /** Whoever repeats a request does so soon. */
  async forget(before: Date, limit: number): Promise<Forgotten> {
    return this.#database.asEngine(async (trx) => {
      const { numAffectedRows = 0n } = await sql`delete from idempotency k where k.ctid = any(array(
        select o.ctid from idempotency o where o.created_at < ${before}
        order by o.created_at limit ${limit} for update skip locked))`.execute(trx)
      return forgotten(numAffectedRows, limit)
    })
  }

  #unseal(sealed: string, about: string): string {
    try {
      return this.#keyring.unseal(Buffer.from(sealed, 'base64'), about)
    } catch (cause) {
      // Its master key was retired since. What was asked is done; only the answer is gone.
      throw new Refusal(platformRefusals.idempotency_answer_gone, { cause })
    }
  }
}

/** Undefined: its master key was retired, or its text is gone. */
export function unsealAnswer(keyring: Keyring, businessId: string, key: string, sealed: string): string | undefined {
  try {
    return keyring.unseal(Buffer.from(sealed, 'base64'), aboutOf(businessId, key))
  } catch {
    return undefined
  }
}

const aboutOf = (businessId: string, key: string): string => `answer ${businessId} ${key}`
