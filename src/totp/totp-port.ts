import type { ChallengeFilter, TotpChallenge, TotpCheck, TotpEntity, TotpFactor } from './core/factor.ts'
import type { TotpConfig } from './core/totp.ts'

type Owner = Pick<TotpEntity, 'businessId' | 'applicationId' | 'live'>
type Key = Pick<TotpFactor, 'businessId' | 'id'>
interface Slice {
  readonly limit: number
  /** The id of the last one of the page before. */
  readonly after?: string
}

/** What the HTTP side needs of the authenticator apps that are kept. */
export interface TotpPort {
  openEntity(owner: Owner, identity: string, now: Date): Promise<{ entity: TotpEntity; isNew: boolean }>
  findEntity(owner: Owner, identity: string): Promise<TotpEntity | undefined>
  listEntities(owner: Owner, slice: Slice): Promise<TotpEntity[]>
  deleteEntity(entity: TotpEntity, now: Date): Promise<boolean>
  createFactor(
    entity: TotpEntity,
    given: { friendlyName: string; secret: string; config: TotpConfig; metadata?: unknown },
    now: Date,
  ): Promise<TotpFactor>
  listFactors(entity: TotpEntity): Promise<TotpFactor[]>
  renameFactor(key: Key, friendlyName: string, now: Date): Promise<TotpFactor | undefined>
  deleteFactor(key: Key, now: Date): Promise<boolean>
  /** Undefined: the factor is gone. `decide` runs while nobody else checks a code of that factor. */
  check(
    key: Key,
    decide: (factor: TotpFactor, secret: string) => TotpCheck,
    now: Date,
    challengeId?: string,
  ): Promise<TotpCheck['outcome'] | undefined>
  createChallenge(
    factor: TotpFactor,
    given: Pick<TotpChallenge, 'details' | 'hiddenDetails' | 'expiresAt'>,
    now: Date,
  ): Promise<TotpChallenge>
  countChallenges(key: Key, since: Date): Promise<number>
  findChallenge(entity: TotpEntity, id: string): Promise<TotpChallenge | undefined>
  listChallenges(entity: TotpEntity, slice: Slice, filter: ChallengeFilter): Promise<TotpChallenge[]>
}
