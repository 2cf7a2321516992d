import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { accessIds } from '#access/core/ids.ts'
import { readId } from '#platform/core/id.ts'
import { bearer, callsOf, operatorKey, type Server } from './api.ts'
import { openQueries } from './database.ts'
import { fetchFrom } from './fetch-from.ts'
import type { SharedPlace } from './storeroom.ts'

/** A business on a server, with its test key. */
export interface Business {
  readonly name: string
  readonly id: string
  /** Its id in the database. */
  readonly rowId: string
  readonly application: string
  readonly key: string
}

export interface SharedServer extends Server {
  readonly business: Business
  /** Another business, for what one may not see of another. */
  freshBusiness(name?: string): Promise<Business>
}

/**
 * The server that all test files share, with a business of this file's own: for whatever needs no settings, no log and
 * no clock of its own, and disturbs nobody. Faults, handsets and templates are set for the file's own numbers.
 */
export async function sharedServer(): Promise<SharedServer> {
  const { url, databaseUrl, logFile } = await fetchFrom<SharedPlace>('share')
  const freshBusiness = async (name = basename(process.argv[1] ?? 'test')): Promise<Business> => {
    const { call } = callsOf(url, operatorKey)
    const { status, body } = await call('POST', '/v1/businesses', { name }, bearer(operatorKey))
    if (status !== 201) throw new Error(`No business was made: ${JSON.stringify(body)}`)
    return {
      name,
      id: body.id,
      rowId: readId(accessIds.business, body.id) as string,
      application: body.application_id,
      key: body.api_key,
    }
  }
  const business = await freshBusiness()
  const logBegin = readFileSync(logFile).length
  const database = openQueries(databaseUrl)
  return {
    url,
    key: business.key,
    business,
    database,
    freshBusiness,
    ...callsOf(url, business.key),
    get logged() {
      return readFileSync(logFile).subarray(logBegin).toString().split('\n').filter(Boolean)
    },
    stop: () => database.close(),
  }
}
