import type { Database } from '#platform/database/database.ts'
import { demoKeyVersion, type Keyring } from './keyring.ts'

/** The keys of this server are not the ones its database was made with. */
export class WrongMasterKey extends Error {
  constructor(problem: string, mend: string) {
    super(`${problem} Codes and credentials made with that key can't be read without it. ${mend}`)
    this.name = 'WrongMasterKey'
  }
}

/**
 * Notes the keys that are new and compares the others. Two servers that begin with different keys are told apart too:
 * the second one waits for the row of the first.
 */
export async function checkMasterKeys(database: Database, keyring: Keyring): Promise<void> {
  const { versions } = keyring
  await database.asEngine(async (trx) => {
    const noted = await trx
      .insertInto('key_check')
      .values(versions.map((version) => ({ version, mac: Buffer.from(keyring.keyCheck(version)) })))
      .onConflict((conflict) => conflict.column('version').doNothing())
      .returning('version')
      .execute()
    const rows = await trx.selectFrom('key_check').selectAll().orderBy('version').execute()
    for (const { version, mac } of rows) {
      if (versions.includes(version) && !mac.equals(keyring.keyCheck(version))) throw otherKey(version)
    }
    const isNew = new Set(noted.map(({ version }) => version))
    const known = rows
      .map(({ version }) => version)
      .filter((version) => version !== demoKeyVersion && !isNew.has(version))
    if (known.length > 0 && !known.some((version) => versions.includes(version))) throw noneKnown(known, versions)
  })
}

/**
 * For a key that is lost: what was made with it stays unreadable, but a server may start again, and makes those keys anew
 * that were sealed under it.
 */
export async function forgetMasterKey(database: Database, version: number): Promise<boolean> {
  return database.asEngine(async (trx) => {
    const { numDeletedRows } = await trx.deleteFrom('key_check').where('version', '=', version).executeTakeFirst()
    for (const { name, sealed } of await trx.selectFrom('secret').selectAll().execute())
      if (sealed.readUInt32BE(0) === version) await trx.deleteFrom('secret').where('name', '=', name).execute()
    return numDeletedRows > 0n
  })
}

const ifLost = (version: number): string =>
  `If it is lost: centang master-keys forget ${version}, and add the senders again.`

const otherKey = (version: number): WrongMasterKey =>
  new WrongMasterKey(
    `CENTANG_MASTER_KEY has another key as version ${version} than this database was made with.`,
    `Put the right one back; a new key gets a version of its own (${version + 1}:…,${version}:…). ${ifLost(version)}`,
  )

const noneKnown = (known: readonly number[], versions: readonly number[]): WrongMasterKey => {
  const newest = known.at(-1) as number
  const found = versions.every((version) => version === demoKeyVersion) ? "only the demo's" : versions.join(', ')
  return new WrongMasterKey(
    `This database was made with master key ${known.join(', ')}, and CENTANG_MASTER_KEY does not have it (found: ${found}).`,
    `List it beside the new one. ${ifLost(newest)}`,
  )
}
