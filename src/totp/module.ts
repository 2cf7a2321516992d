import { dayMs } from '#platform/core/kept.ts'
import { forgetOld } from '#platform/database/forget-old.ts'
import type { Module, ModuleFacts } from '#platform/module.ts'
import type { Platform } from '#platform/open-platform.ts'
import type { MayCheck } from '#verification/core/may-check.ts'
import { totpPermissions } from './core/permissions.ts'
import { totpIds } from './core/ids.ts'
import { createCheck } from './flows/check.ts'
import { factorSubject } from './http/event-subject.ts'
import { TotpChallengeStore } from './store/challenges.ts'
import { TotpEntityStore } from './store/entities.ts'
import { TotpFactorStore } from './store/factors.ts'
import { personalApps } from './store/personal-apps.ts'
import { TotpSettingsStore } from './store/settings.ts'

export const totpFacts = {
  name: 'totp',
  permissions: totpPermissions,
  ids: totpIds,
  events: { factor: factorSubject },
  personal: [personalApps],
  sealed: [
    { name: 'authenticator apps', rotate: (database, keyring) => new TotpFactorStore(database, keyring).rotate() },
  ],
} as const satisfies ModuleFacts

interface TotpOptions {
  /** Asked before each code is compared. */
  readonly mayCheck: MayCheck
  readonly keepChallengesDays: number
}

export type TotpPort = ReturnType<typeof openTotp>['port']

/** Authenticator apps: secrets that are shared once, and codes that both sides compute (RFC 6238). */
export function openTotp(
  { database, keyring }: Pick<Platform, 'database' | 'keyring'>,
  { mayCheck, keepChallengesDays }: TotpOptions,
) {
  const factors = new TotpFactorStore(database, keyring)
  return {
    name: totpFacts.name,
    keeps: [
      { name: 'challenges', keptForMs: keepChallengesDays * dayMs, forget: forgetOld(database, 'totp_challenge') },
    ],
    port: {
      entities: new TotpEntityStore(database),
      factors,
      check: createCheck({ factors, mayCheck }),
      challenges: new TotpChallengeStore(database),
      settings: new TotpSettingsStore(database),
    },
  } satisfies Module & { readonly port: object }
}
