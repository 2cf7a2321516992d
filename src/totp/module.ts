import type { Module, ModuleFacts } from '#platform/module.ts'
import type { Platform } from '#platform/open-platform.ts'
import { totpPermissions } from './core/permissions.ts'
import { totpIds } from './core/ids.ts'
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

export type TotpPort = ReturnType<typeof openTotp>['port']

/** Authenticator apps: secrets that are shared once, and codes that both sides compute (RFC 6238). */
export function openTotp({ database, keyring }: Pick<Platform, 'database' | 'keyring'>) {
  return {
    name: totpFacts.name,
    port: {
      entities: new TotpEntityStore(database),
      factors: new TotpFactorStore(database, keyring),
      challenges: new TotpChallengeStore(database),
      settings: new TotpSettingsStore(database),
    },
  } satisfies Module & { readonly port: object }
}
