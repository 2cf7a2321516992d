import { readId } from '#platform/core/id.ts'
import { readConfigWithKeys } from './config.ts'
import { isDemo } from '#platform/settings.ts'
import { usageError } from './exit.ts'
import type { StoreOptions, Stores } from './stores.ts'
import { accessIds } from '#access/core/ids.ts'

/** Opens the database, does one thing and closes it; also beside a running server. */
export async function withStores(
  work: (stores: Stores) => Promise<void>,
  options: Pick<StoreOptions, 'acceptsAnyMasterKey'> = {},
): Promise<void> {
  const config = readConfigWithKeys(process.env)
  // Half of what there is to load, and none of it for the commands that speak HTTP.
  const [{ openStores }, { createLog }] = await Promise.all([import('./stores.ts'), import('#platform/log.ts')])
  const stores = await openStores({
    ...options,
    config,
    isDemo: isDemo(config, process.env),
    log: createLog('warn', process.stderr),
    isCommand: true,
  })
  try {
    await work(stores)
  } finally {
    await stores.close()
  }
}

/** @param what in a sentence: `a sender` */
export function uuidOf(prefix: string, what: string, spelled: string): string {
  const id = readId(prefix, spelled)
  if (id === undefined) throw usageError(`${spelled} is not the id of ${what}.`)
  return id
}

/** The UUID of a business that exists; each has an application from its first moment. */
export async function businessOf({ businesses }: Stores, spelled: string): Promise<string> {
  const id = uuidOf(accessIds.business, 'a business', spelled)
  if ((await businesses.listApplications(id)).length === 0) throw new Error(`There is no business ${spelled}.`)
  return id
}
