import type { Selectable } from 'kysely'
import { accessIds } from '#access/core/ids.ts'
import type { SenderEventKind } from '#messaging/core/event-kinds.ts'
import { changesOf, type SenderChange } from '#messaging/core/sender-changes.ts'
import type { Caller } from '#platform/core/caller.ts'
import { spellId } from '#platform/core/id.ts'
import type { Channel } from '#platform/core/channel.ts'
import type { Sender, SenderPurpose } from '#messaging/core/sender.ts'
import type { Database, TenantTransaction } from '#platform/database/database.ts'
import { keepQuota, type Quota } from '#platform/database/quota.ts'
import { uuidv7 } from '#platform/database/uuidv7.ts'
import type { Keyring } from '#platform/keys/keyring.ts'
import type { MessagingTables } from './tables.ts'

export type NewSender = Omit<Sender, 'id'>

/** As an operator sees it. Without its credentials when they are sealed under a key that this server does not have. */
export interface KeptSender extends Sender {
  readonly isReadable: boolean
}

const quotaOf = ({ live }: Pick<Sender, 'live'>): Quota => ({ what: `${live ? 'live' : 'test'} senders`, max: 100 })

/** The key that does it; absent: the operator. */
export type SenderChanger = Pick<Caller, 'keyId'>

type TellableSender = Pick<Selectable<MessagingTables['sender']>, 'business_id' | 'id' | 'live' | 'channel' | 'shared'>

interface SenderNews {
  readonly at: Date
  readonly by?: SenderChanger | undefined
  readonly changed?: readonly SenderChange[]
}

/** In the transaction in which it happens. What the operator lends is the operator's, and no tenant's news. */
async function tellOfSender(
  trx: TenantTransaction<MessagingTables>,
  { business_id, id, live, channel, shared }: TellableSender,
  kind: SenderEventKind,
  { at, by, changed }: SenderNews,
): Promise<void> {
  if (shared) return
  const data = {
    channel,
    ...(changed && { changed }),
    ...(by && { api_key_id: spellId(accessIds.apiKey, by.keyId) }),
  }
  const event = { business_id, live, subject_kind: 'sender', subject_id: id, kind, data: JSON.stringify(data), at }
  await trx.insertInto('event').values(event).execute()
}

/**
 * Senders with their credentials, which are encrypted at rest and bound to the row they belong to. One that can't be
 * read is not used, and takes no other with it.
 */
export class SenderStore {
  readonly #database: Database<MessagingTables>
  readonly #keyring: Keyring
  readonly #onUnreadable: (senderId: string, error: unknown) => void
  readonly #told = new Set<string>()

  /** `onUnreadable` is told of each sender once. */
  constructor(database: Database, keyring: Keyring, onUnreadable: (senderId: string, error: unknown) => void) {
    this.#database = database.of<MessagingTables>()
    this.#keyring = keyring
    this.#onUnreadable = onUnreadable
  }

  async create(sender: NewSender, now: Date, by?: SenderChanger): Promise<Sender> {
    const id = uuidv7(now.getTime())
    const row = {
      business_id: sender.businessId,
      id,
      live: sender.live,
      channel: sender.channel,
      provider: sender.provider,
      purpose: sender.purpose,
      shared: sender.shared ?? false,
      config: JSON.stringify(sender.config),
      own_number: sender.ownNumber ?? null,
      secrets_sealed: this.#seal(id, sender.secrets),
      created_at: now,
      disabled_at: null,
    }
    await this.#database.asBusiness(sender.businessId, async (trx) => {
      await keepQuota(trx, sender.businessId, quotaOf(sender), async () => {
        const found = await trx
          .selectFrom('sender')
          .select('id')
          .where('business_id', '=', sender.businessId)
          .where('live', '=', sender.live)
          .where('disabled_at', 'is', null)
          .execute()
        return found.length
      })
      await trx.insertInto('sender').values(row).execute()
      await tellOfSender(trx, row, 'sender.created', { at: now, by })
    })
    return { ...sender, id }
  }

  async change(
    businessId: string,
    id: string,
    changes: Partial<Pick<Sender, 'config' | 'secrets'>>,
    now: Date,
  ): Promise<KeptSender | undefined> {
    return this.#database.asBusiness(businessId, async (trx) => {
      const before = await trx
        .selectFrom('sender')
        .selectAll()
        .where('business_id', '=', businessId)
        .where('id', '=', id)
        .forUpdate()
        .executeTakeFirst()
      if (!before) return undefined
      const after = await trx
        .updateTable('sender')
        .set({
          ...(changes.config && { config: JSON.stringify(changes.config) }),
          ...(changes.secrets && { secrets_sealed: this.#seal(id, changes.secrets) }),
        })
        .where('business_id', '=', businessId)
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow()
      const kept = this.#read(after)
      const changed = changesOf(this.#read(before), kept)
      if (changed.length > 0) await tellOfSender(trx, after, 'sender.changed', { at: now, changed })
      return kept
    })
  }

  /** Those of `list` that can send. */
  async listUsable(businessId: string): Promise<Sender[]> {
    return (await this.list(businessId)).filter(({ isReadable }) => isReadable)
  }

  /** Not disabled: its own before the shared ones, and of two the older one. As the engine, for the shared ones. */
  async list(businessId: string): Promise<KeptSender[]> {
    const found = await this.#database.asEngine((trx) =>
      trx
        .selectFrom('sender')
        .selectAll()
        .where((or) => or.or([or('business_id', '=', businessId), or('shared', '=', true)]))
        .where('disabled_at', 'is', null)
        .orderBy((order) => order('business_id', '<>', businessId))
        .orderBy('id')
        .execute(),
    )
    return found.map((row) => this.#read(row))
  }

  async disable(businessId: string, id: string, now: Date, by?: SenderChanger): Promise<boolean> {
    return this.#database.asBusiness(businessId, async (trx) => {
      const disabled = await trx
        .updateTable('sender')
        .set({ disabled_at: now })
        .where('business_id', '=', businessId)
        .where('id', '=', id)
        .where('disabled_at', 'is', null)
        .returning(['business_id', 'id', 'live', 'channel', 'shared'])
        .executeTakeFirst()
      if (disabled) await tellOfSender(trx, disabled, 'sender.removed', { at: now, by })
      return disabled !== undefined
    })
  }

  /** As the provider tells it; nobody changed anything. */
  async keepOwnNumber({ businessId, id }: Sender, number: string): Promise<void> {
    await this.#database.asBusiness(businessId, (trx) =>
      trx
        .updateTable('sender')
        .set({ own_number: number })
        .where('business_id', '=', businessId)
        .where('id', '=', id)
        .where('own_number', 'is distinct from', number)
        .execute(),
    )
  }

  /** For webhooks: without its secret no signature can be right. */
  async findUsable(id: string): Promise<Sender | undefined> {
    const found = await this.find(id)
    return found?.isReadable ? found : undefined
  }

  /**
   * Runs in role centang_engine, because row-level security needs a business, and webhooks name only the sender. Finds
   * disabled ones too: receipts come late.
   */
  async find(id: string): Promise<KeptSender | undefined> {
    const found = await this.#database.asEngine((trx) =>
      trx.selectFrom('sender').selectAll().where('id', '=', id).executeTakeFirst(),
    )
    return found && this.#read(found)
  }

  /** Seals everything anew under the current master key; counts those that were still under another one. */
  async rotate(): Promise<{ readonly moved: number; readonly unreadable: number }> {
    return this.#database.asEngine(async (trx) => {
      const rows = await trx.selectFrom('sender').selectAll().forUpdate().execute()
      const old = rows
        .filter((row) => this.#keyring.sealedVersion(row.secrets_sealed) !== this.#keyring.currentVersion)
        .map((row) => ({ row, sender: this.#read(row) }))
      const readable = old.filter(({ sender }) => sender.isReadable)
      for (const { row, sender } of readable) {
        const secrets_sealed = this.#seal(row.id, sender.secrets)
        await trx
          .updateTable('sender')
          .set({ secrets_sealed })
          .where('business_id', '=', row.business_id)
          .where('id', '=', row.id)
          .execute()
      }
      return { moved: readable.length, unreadable: old.length - readable.length }
    })
  }

  #seal(id: string, secrets: Sender['secrets']): Buffer {
    return Buffer.from(this.#keyring.seal(JSON.stringify(secrets), `sender ${id}`))
  }

  #read(found: Selectable<MessagingTables['sender']>): KeptSender {
    const secrets = this.#unseal(found)
    return {
      id: found.id,
      businessId: found.business_id,
      live: found.live,
      channel: found.channel as Channel,
      provider: found.provider,
      purpose: found.purpose as SenderPurpose,
      shared: found.shared,
      config: found.config as Record<string, unknown>,
      ...(found.own_number !== null && { ownNumber: found.own_number }),
      secrets: secrets ?? {},
      isReadable: secrets !== undefined,
    }
  }

  #unseal({ id, secrets_sealed }: Selectable<MessagingTables['sender']>): Sender['secrets'] | undefined {
    try {
      return JSON.parse(this.#keyring.unseal(secrets_sealed, `sender ${id}`)) as Record<string, string>
    } catch (error) {
      if (!this.#told.has(id)) this.#onUnreadable(id, error)
      this.#told.add(id)
      return undefined
    }
  }
}
