import { sql } from 'kysely'
import { operatorBusinessId, operatorKinds } from '#platform/core/caller.ts'
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

/** Answers of one owner among which a person may be named. */
interface Kept {
  readonly ownerId: string
  /** What their keys begin with (`ownerOf`). */
  readonly spaces: readonly string[]
  /** Of the operator's: only those that are about this business. */
  readonly aboutBusinessId: string | null
}

/**
 * Answers that are kept for a repeated request and name the person lose their text; the key stays used, and its request is
 * refused as one whose answer is gone. They are sealed, so each is looked into. Where nobody knows who it was, after a restore,
 * all of them go. The operator's about the business are among them, unless only the test's world is meant: those are of both.
 */
export async function eraseAnswers(takes: Takes, person: Person): Promise<number> {
  const { businessId, modes } = person
  const own = { ownerId: businessId, spaces: modes.map((live) => (live ? 'live' : 'test')), aboutBusinessId: null }
  const operators = { ownerId: operatorBusinessId, spaces: operatorKinds, aboutBusinessId: businessId }
  let erased = 0
  for (const kept of modes.includes(true) ? [own, operators] : [own]) erased += await eraseKept(takes, person, kept)
  return erased
}

interface Takes {
  readonly database: Database
  readonly keyring: Keyring
}

async function eraseKept(
  { database, keyring }: Takes,
  { spelled, before }: Person,
  { ownerId, spaces, aboutBusinessId }: Kept,
): Promise<number> {
  let erased = 0
  for (let after = ''; ;) {
    const page = await database.asBusiness(ownerId, async (trx) => {
      const { rows } = await sql<{ key: string; sealed: string }>`
        select key, answer ->> 'sealed' as sealed from idempotency
        where business_id = ${ownerId} and key > ${after} and created_at <= ${before}
          and split_part(split_part(key, ':', 1), ' ', 1) = any(${spaces}::text[])
          and (${aboutBusinessId}::uuid is null or subject_id = ${aboutBusinessId})
          and answer ->> 'sealed' <> ''
        order by key limit ${pageRows}`.execute(trx)
      const named = rows.filter(({ key, sealed }) => {
        const text = unsealAnswer(keyring, ownerId, key, sealed)
        return text !== undefined && (spelled === undefined || names(text, spelled))
      })
      await sql`update idempotency set answer = '{"sealed": ""}'
        where business_id = ${ownerId} and key in (
          select key from idempotency
          where business_id = ${ownerId} and key = any(${named.map(({ key }) => key)}::text[])
          order by key for update)`.execute(trx)
      return { last: rows.at(-1)?.key, rows: rows.length, named: named.length }
    })
    erased += page.named
    if (page.rows < pageRows || page.last === undefined) return erased
    after = page.last
  }
}
