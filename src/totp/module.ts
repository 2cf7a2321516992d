import type { Module, ModuleFacts } from '#platform/module.ts'
import type { Platform } from '#platform/open-platform.ts'
import { totpIds } from './core/ids.ts'
import { factorSubject } from './http/event-subject.ts'
import { TotpSettingsStore } from './store/totp-settings.ts'
import { TotpStore } from './store/totp.ts'

export const totpFacts = {
  name: 'totp',
  ids: totpIds,
  events: { factor: factorSubject },
  sealed: [{ name: 'authenticator apps', rotate: (database, keyring) => new TotpStore(database, keyring).rotate() }],
} as const satisfies ModuleFacts

export type TotpPort = ReturnType<typeof openTotp>['port']

/** Authenticator apps: secrets that are shared once, and codes that both sides compute (RFC 6238). */
export function openTotp({ database, keyring }: Pick<Platform, 'database' | 'keyring'>) {
  return {
    name: totpFacts.name,
    port: { apps: new TotpStore(database, keyring), settings: new TotpSettingsStore(database) },
  } satisfies Module & { readonly port: object }
}
