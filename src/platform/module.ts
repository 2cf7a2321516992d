import type { FastifyInstance } from 'fastify'
import type { RefusalEntry } from './core/refusal.ts'
import type { OperatorKind } from './core/caller.ts'
import type { Keyring } from './keys/keyring.ts'
import type { Permissions } from './core/permission.ts'
import type { EventSubjects, ReadFacts } from './core/event-subject.ts'
import type { Credential } from './http/authenticate.ts'
import type { Forgotten, PartitionedTable } from './core/kept.ts'
import type { Person, PersonalItem } from './core/personal-data.ts'
import type { Database, TenantTransaction } from './database/database.ts'

/** Secrets that are sealed under a master key. */
interface Sealed {
  readonly name: string
  /** Seals them anew under the current key; counts those that were still under another one. */
  readonly rotate: (
    database: Database,
    keyring: Keyring,
  ) => Promise<{ readonly moved: number; readonly unreadable: number }>
}

/** What a module is before anything is opened: its part of every catalogue. */
export interface ModuleFacts {
  readonly name: string
  readonly refusals?: Readonly<Record<string, RefusalEntry>>
  /** What keys may be allowed of it; its routes name these words. */
  readonly permissions?: Permissions
  /** What its ids begin with, by what they are ids of. */
  readonly ids?: Readonly<Record<string, string>>
  readonly sealed?: readonly Sealed[]
  readonly personal?: readonly PersonalData[]
  /** What the events are about that it writes into the log, and their kinds. */
  readonly events?: EventSubjects
}

/** What a module keeps of people. Each takes what it needs, so that a command can do it too, after a restore. */
export interface PersonalData {
  /** What it is, in one word of the answers: `verifications`. */
  readonly name: string
  /** The next of them after an id, in the order of their ids. */
  readonly export: (
    database: Database,
    person: Person,
    after: string | undefined,
    limit: number,
  ) => Promise<readonly PersonalItem[]>
  /** A step of overwriting what says who it was; counts stay. Fewer than the limit: none is left. */
  readonly erase: (takes: ErasingTakes, person: Person, limit: number) => Promise<number>
  /** Whom it knows by their address alone, as `personOf` spells it: for finding who was erased. */
  readonly listPeople?: (database: Database, businessId: string) => Promise<readonly string[]>
}

export interface ErasingTakes {
  readonly database: Database
  readonly keyring: Keyring
  readonly now: () => Date
}

/** A class of data that ends with time (docs/decisions/0018). */
export interface KeptData {
  /** In a word, for the log and the metrics. */
  readonly name: string
  readonly keptForMs: number
  /** Split by time: partitions are made ahead, and dropped whole. */
  readonly partitioned?: readonly PartitionedTable[]
  /** Told before a partition is dropped, in the same transaction; of rows beside the partitions, before when they go. */
  readonly beforeDrop?: (trx: TenantTransaction, table: string, before: Date) => Promise<void>
  /** A step: forgets rows from before a time, of so many at most. */
  readonly forget?: (before: Date, limit: number) => Promise<Forgotten>
}

/** A module at work. Whatever it does not have it leaves out. */
export interface Module {
  readonly name: string
  /** Registers its routes, each with its whole path. */
  readonly routes?: (app: FastifyInstance) => Promise<void>
  /** Bearer keys that it gives out. */
  readonly credentials?: readonly Credential[]
  readonly findOperator?: (key: string) => OperatorKind | undefined
  /** Loads what webhooks tell of its subjects, keyed by `subject_kind`. */
  readonly readFacts?: Readonly<Record<string, ReadFacts>>
  /** What it adds to the OpenAPI file besides its routes. */
  readonly openApi?: {
    readonly schemas?: Readonly<Record<string, object>>
    readonly webhooks?: Readonly<Record<string, object>>
  }
  /** Its data that ends with time. */
  readonly keeps?: readonly KeptData[]
  /** What has to be there before anybody can ask. */
  readonly prepare?: () => Promise<void>
  /** Begins what runs by itself; the server listens by then. */
  readonly start?: () => Promise<void> | void
  /** Lets what is under way finish. Those who depend on it have stopped. */
  readonly stop?: () => Promise<void>
}
