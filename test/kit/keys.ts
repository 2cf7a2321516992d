import { accessIds } from '#access/core/ids.ts'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { formatApiKey, plainSpelling } from '#access/core/api-key.ts'
import { readId } from '#platform/core/id.ts'
import type { Server } from './api.ts'

/** A key of an application in any mode; the API makes one only in the mode of the key that asks. */
export async function addKey(
  server: Pick<Server, 'database'>,
  applicationId: string,
  live: boolean,
  {
    key = formatApiKey(live, randomBytes(32).toString('base64url')),
    scopes = ['admin'],
  }: { readonly key?: string; readonly scopes?: readonly string[] } = {},
): Promise<string> {
  await server.database.query(
    `insert into api_key (business_id, id, application_id, live, hash, hint, scopes, created_at)
      select business_id, $1, id, $2, $3, $4, $6, now() from application where id = $5`,
    [
      randomUUID(),
      live,
      createHash('sha256').update(plainSpelling(key)).digest(),
      key.slice(-4),
      readId(accessIds.application, applicationId),
      scopes,
    ],
  )
  return key
}
