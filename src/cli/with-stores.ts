import { type IdKind, readId } from '#platform/core/id.ts'
import { isDemo, readConfig } from '#platform/config.ts'
import { usageError } from './exit.ts'
import type { StoreOptions, Stores } from './stores.ts'

/** Opens the database, does one thing and closes it; also beside a running server. */
export async function withStores(
  work: (stores: Stores) => Promise<void>,
  options: Pick<StoreOptions, 'acceptsAnyMasterKey'> = {},
): Promise<void> {
  const config = readConfig(process.env)
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

export function uuidOf(kind: IdKind, spelled: string): string {
  const id = readId(kind, spelled)
  if (id === undefined) throw usageError(`${spelled} is not the id of ${kind === 'application' ? 'an' : 'a'} ${kind}.`)
  return id
}

/** The UUID of a business that exists; each has an application from its first moment. */
export async function businessOf({ businesses }: Stores, spelled: string): Promise<string> {
  const id = uuidOf('business', spelled)
  if ((await businesses.listApplications(id)).length === 0) throw new Error(`There is no business ${spelled}.`)
  return id
}
