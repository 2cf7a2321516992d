import { BusinessStore } from '#access/store/businesses.ts'
import { demoMasterKeys } from '#demo/store/demo-secrets.ts'
import { PolicyStore } from '#guard/store/policies.ts'
import { messagingIds } from '#messaging/core/ids.ts'
import { NoticeStore } from '#messaging/store/notices.ts'
import { SenderStore } from '#messaging/store/senders.ts'
import { spellId } from '#platform/core/id.ts'
import { openPlatform, type PlatformOptions } from '#platform/open-platform.ts'
import { moduleLines } from './module-lines.ts'

export type StoreOptions = Omit<PlatformOptions, 'lines'>

export type Stores = Awaited<ReturnType<typeof openStores>>

/** What the command line works with: the platform and those modules' stores that it has commands for. */
export async function openStores(options: StoreOptions) {
  const { config, isDemo, log } = options
  const masterKeys = isDemo ? () => demoMasterKeys(config.dataFolder) : undefined
  const platform = await openPlatform({ ...options, masterKeys, lines: moduleLines })
  const { database, keyring } = platform
  return {
    ...platform,
    businesses: new BusinessStore(database),
    notices: new NoticeStore(database),
    guardPolicies: new PolicyStore(database),
    senders: new SenderStore(database, keyring, (id, error) =>
      log.error(
        { sender: spellId(messagingIds.sender, id), reason: error instanceof Error ? error.message : String(error) },
        "the credentials of a sender can't be read with this CENTANG_MASTER_KEY: it is not used",
      ),
    ),
  }
}
