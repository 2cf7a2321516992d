import { sql } from 'kysely'
import { personOf } from '#platform/core/person.ts'
import type { Person } from '#platform/core/personal-data.ts'
import type { Database } from '#platform/database/database.ts'
import type { Keyring } from '#platform/keys/keyring.ts'
import { unsealAnswer } from './idempotency-store.ts'

const pageRows = 500
/** What may be a number or an address in the text of an answer, in any vendor's spelling. */
const addresses = /[^\s"'<>\\]+@[^\s"'<>\\]+|\d{6,15}/g

const names = (text: string, spelled: string): boolean =>
  (text.match(addresses) ?? []).some((found) => personOf(found.includes('@') ? found : `+${found}`) === spelled)

/**
 * Answers that are kept for a repeated request and name the person lose their text; the key stays used, and its request is
 * refused as one whose answer is gone. They are sealed, so each is looked into. Where nobody knows who it was, after a restore,
 * all of them go.
 */
export async function eraseAnswers(
  { database, keyring }: { readonly database: Database; readonly keyring: Keyring },
  { businessId, modes, spelled, before }: Person,
): Promise<number> {
  // A key begins with the world it was used in (`ownerOf`).
  const worlds = modes.map((live) => (live ? 'live' : 'test'))
  let erased = 0
  for (let after = ''; ;) {
    const page = await database.asBusiness(businessId, async (trx) => {
      const { rows } = await sql<{ key: string; sealed: string }>`
        select key, answer ->> 'sealed' as sealed from idempotency
        where business_id = ${businessId} and key > ${after} and created_at <= ${before}
          and split_part(key, ' ', 1) = any(${worlds}::text[])
          and answer ->> 'sealed' <> ''
        order by key limit ${pageRows}`.execute(trx)
      const named = rows.filter(({ key, sealed }) => {
        const text = unsealAnswer(keyring, businessId, key, sealed)
        return text !== undefined && (spelled === undefined || names(text, spelled))
      })
      await sql`update idempotency set answer = '{"sealed": ""}'
        where business_id = ${businessId} and key = any(${named.map(({ key }) => key)}::text[])`.execute(trx)
      return { last: rows.at(-1)?.key, rows: rows.length, named: named.length }
    })
    erased += page.named
    if (page.rows < pageRows || page.last === undefined) return erased
    after = page.last
  }
}
