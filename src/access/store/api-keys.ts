import { createHash, randomBytes } from 'node:crypto'
import { type Selectable, sql } from 'kysely'
import { formatApiKey, plainSpelling } from '#access/core/api-key.ts'
import { type KeyGrant, scopesDefault } from '#access/core/key-grant.ts'
import type { Caller } from '#platform/core/caller.ts'
import { dayMs } from '#platform/core/kept.ts'
import type { Scope } from '#platform/core/permission.ts'
import { Refusal } from '#platform/core/refusal.ts'
import { platformRefusals } from '#platform/core/refusals.ts'
import type { Database, TenantTransaction } from '#platform/database/database.ts'
import { keepQuota, waitForOthers } from '#platform/database/quota.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import type { AccessTables } from './tables.ts'

export interface KeyOwner {
  readonly businessId: string
  readonly applicationId: string
  readonly live: boolean
}

export interface NewKey extends Partial<KeyGrant> {
  /** Absent: the operator makes it. */
  readonly madeByKeyId?: string | undefined
  /** A key that was not made here. */
  readonly given?: string | undefined
}

export interface ApiKey extends KeyGrant {
  readonly id: string
  readonly applicationId: string
  readonly live: boolean
  readonly hint: string
  readonly madeByKeyId?: string
  readonly createdAt: Date
  readonly lastUsedAt?: Date
  readonly revokedAt?: Date
}

/** Whom a key stands for, and what it was given. */
export interface FoundKey extends Caller, KeyGrant {}

/** Keys that count, and keys of one day: who makes and revokes them in a loop fills no table either. */
const keyQuotas = {
  usable: { what: 'API keys', max: 100 },
  ofOneDay: { what: 'API keys made within 24 hours', max: 300 },
} as const

export interface KeyPage {
  readonly limit: number
  readonly after?: string | undefined
  /** Only those of a mode. */
  readonly live?: boolean | undefined
}

const hashOf = (key: string): Buffer => createHash('sha256').update(plainSpelling(key)).digest()

export class ApiKeyStore {
  readonly #database: Database<AccessTables>

  constructor(database: Database) {
    this.#database = database.of<AccessTables>()
  }

  /** The whole key is in the answer and nowhere else; what is kept is its SHA-256. */
  async createKey(
    owner: KeyOwner,
    now: Date,
    { scopes = scopesDefault, allowedAddresses, expiresAt, madeByKeyId, given }: NewKey = {},
  ): Promise<ApiKey & { readonly key: string }> {
    const key = given ?? formatApiKey(owner.live, randomBytes(32).toString('base64url'))
    const row = {
      business_id: owner.businessId,
      id: uuidv7(now.getTime()),
      application_id: owner.applicationId,
      live: owner.live,
      hash: hashOf(key),
      hint: key.slice(-4),
      scopes: [...scopes],
      allowed_addresses: allowedAddresses ? [...allowedAddresses] : null,
      made_by_key_id: madeByKeyId ?? null,
      created_at: now,
      expires_at: expiresAt ?? null,
      last_used_at: null,
      revoked_at: null,
      children_revoked_at: null,
    }
    await this.#database.asBusiness(owner.businessId, async (trx) => {
      const count = async (condition: ReturnType<typeof sql<boolean>>): Promise<number> => {
        const { many } = await trx
          .selectFrom('api_key')
          .select(({ fn }) => fn.countAll<string>().as('many'))
          .where('business_id', '=', owner.businessId)
          .where(condition)
          .executeTakeFirstOrThrow()
        return Number(many)
      }
      await keepQuota(trx, owner.businessId, keyQuotas.usable, () =>
        count(sql<boolean>`revoked_at is null and (expires_at is null or expires_at > ${now})`),
      )
      await keepQuota(trx, owner.businessId, keyQuotas.ofOneDay, () =>
        count(sql<boolean>`created_at > ${new Date(now.getTime() - dayMs)}`),
      )
      if (madeByKeyId !== undefined) await requireUsable(trx, owner.businessId, madeByKeyId, now)
      await trx.insertInto('api_key').values(row).execute()
    })
    return { ...readKey(row), key }
  }

  /** The oldest first. */
  async listKeys(businessId: string, page: KeyPage): Promise<ApiKey[]> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('api_key')
        .selectAll()
        .where('business_id', '=', businessId)
        .$if(page.live !== undefined, (query) => query.where('live', '=', page.live as boolean))
        .$if(page.after !== undefined, (query) => query.where('id', '>', page.after as string))
        .orderBy('id')
        .limit(page.limit)
        .execute(),
    )
    return found.map(readKey)
  }

  async findKeys(businessId: string, ids: readonly string[]): Promise<ApiKey[]> {
    if (ids.length === 0) return []
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx.selectFrom('api_key').selectAll().where('business_id', '=', businessId).where('id', 'in', ids).execute(),
    )
    return found.map(readKey)
  }

  /** Whether a live key of the business counts, in any application. */
  async hasLiveKey(businessId: string): Promise<boolean> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('api_key')
        .select('id')
        .where('business_id', '=', businessId)
        .where('live', '=', true)
        .where('revoked_at', 'is', null)
        .limit(1)
        .executeTakeFirst(),
    )
    return found !== undefined
  }

  /**
   * How many were revoked by it. With its children: every key that it made, and that those made, in one statement; and
   * whatever else carries one of these ids as its maker is worth nothing from then on. What is being made with one of
   * them is waited for, and nothing is made with it afterwards, wherever it is still remembered.
   */
  async revokeKey(businessId: string, id: string, now: Date, withChildren = false): Promise<number> {
    const { rows } = await this.#database.asBusiness(businessId, async (trx) => {
      await waitForOthers(trx, businessId, keyQuotas.usable)
      return (
        withChildren
          ? sql<{ id: string }>`
            with recursive tree as (
              select id from api_key where business_id = ${businessId} and id = ${id}
              union
              select child.id from api_key child join tree on child.made_by_key_id = tree.id
                where child.business_id = ${businessId}
            )
            update api_key set revoked_at = coalesce(revoked_at, ${now}), children_revoked_at = ${now}
              where business_id = ${businessId} and id in (select id from tree) and children_revoked_at is null
              returning id`
          : sql<{ id: string }>`
            update api_key set revoked_at = ${now}
              where business_id = ${businessId} and id = ${id} and revoked_at is null
              returning id`
      ).execute(trx)
    })
    return rows.length
  }

  /** Runs in role centang_engine, because row-level security needs a business, and only the key tells it. */
  async findKey(key: string): Promise<FoundKey | undefined> {
    const found = await this.#database.asEngine((trx) =>
      trx
        .selectFrom('api_key')
        .selectAll()
        .where('hash', '=', hashOf(key))
        .where('revoked_at', 'is', null)
        .executeTakeFirst(),
    )
    return found && foundKey(found)
  }

  /** The same for whoever was given something in its place, which names it. */
  async findKeyById(businessId: string, id: string): Promise<FoundKey | undefined> {
    const found = await this.#database.asBusiness(businessId, (trx) =>
      trx
        .selectFrom('api_key')
        .selectAll()
        .where('business_id', '=', businessId)
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst(),
    )
    return found && foundKey(found)
  }

  /**
   * One statement for all that were used since; a time is never put back. A key that somebody else is changing is passed over:
   * a statement that waits for several, in whatever order, would be what two of them wait for each other with.
   */
  async noteUse(
    uses: readonly { readonly businessId: string; readonly keyId: string; readonly at: Date }[],
  ): Promise<void> {
    await this.#database.asEngine((trx) =>
      sql`update api_key k set last_used_at = f.at
        from (
          select o.business_id, o.id, u.at
          from unnest(${uses.map((use) => use.businessId)}::uuid[], ${uses.map((use) => use.keyId)}::uuid[],
            ${uses.map((use) => use.at.toISOString())}::timestamptz[]) as u (business_id, id, at)
          join api_key o on o.business_id = u.business_id and o.id = u.id
          where o.last_used_at is null or o.last_used_at < u.at
          for no key update of o skip locked
        ) as f
        where k.business_id = f.business_id and k.id = f.id`.execute(trx),
    )
  }
}

/** A server remembers a key for seconds after another has revoked it: long enough to make one that stays. */
async function requireUsable(
  trx: TenantTransaction<AccessTables>,
  businessId: string,
  id: string,
  now: Date,
): Promise<void> {
  const found = await trx
    .selectFrom('api_key')
    .select('id')
    .where('business_id', '=', businessId)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .where(sql<boolean>`(expires_at is null or expires_at > ${now})`)
    .executeTakeFirst()
  if (!found) throw new Refusal(platformRefusals.credentials_invalid)
}

const grantOf = (found: Selectable<AccessTables['api_key']>): KeyGrant => ({
  scopes: found.scopes as Scope[],
  ...(found.allowed_addresses && { allowedAddresses: found.allowed_addresses }),
  ...(found.expires_at && { expiresAt: found.expires_at }),
})

const foundKey = (found: Selectable<AccessTables['api_key']>): FoundKey => ({
  ...grantOf(found),
  keyId: found.id,
  businessId: found.business_id,
  applicationId: found.application_id,
  live: found.live,
})

const readKey = (found: Selectable<AccessTables['api_key']>): ApiKey => ({
  ...grantOf(found),
  id: found.id,
  applicationId: found.application_id,
  live: found.live,
  hint: found.hint,
  createdAt: found.created_at,
  ...(found.made_by_key_id !== null && { madeByKeyId: found.made_by_key_id }),
  ...(found.last_used_at && { lastUsedAt: found.last_used_at }),
  ...(found.revoked_at && { revokedAt: found.revoked_at }),
})
