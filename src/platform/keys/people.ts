import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { personOf } from '#platform/core/person.ts'
import type { Database, TenantTransaction } from '#platform/database/database.ts'
import { demoKeyVersion, type Keyring } from './keyring.ts'
import { WrongMasterKey } from './key-check.ts'

/** Who somebody is without saying it: budgets and erasures are kept under this key, and no number leads back from it. */
export interface People {
  /** One for every spelling of an address, and another one with every business. */
  keyOf(businessId: string, recipient: string): string
  /** Stands for a text that a business made up and may have made of somebody's number, as an Idempotency-Key. */
  markOf(text: string): string
}

const name = 'people'
const about = 'secret people'
const keyBytes = 32
/** 16 bytes: nobody can try for a second number with the same one. */
const macBytes = 16

/**
 * Its key is random, made with the database and sealed under the master key: a rotation seals it anew and changes no
 * budget, and who has only a dump can't try all numbers.
 */
export async function openPeople(database: Database, keyring: Keyring): Promise<People> {
  const made = Buffer.from(keyring.seal(randomBytes(keyBytes).toString('base64'), about))
  const sealed = await database.asEngine(async (trx) => {
    await trx
      .insertInto('secret')
      .values({ name, sealed: made })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute()
    await replaceDemoKey(trx, keyring, made)
    const found = await trx.selectFrom('secret').select('sealed').where('name', '=', name).executeTakeFirstOrThrow()
    return found.sealed
  })
  return peopleOf(createSecretKey(Buffer.from(unseal(keyring, sealed), 'base64')))
}

/** Whoever goes on from the demo with a key of their own begins with budgets of their own. */
async function replaceDemoKey(trx: TenantTransaction, keyring: Keyring, made: Buffer): Promise<void> {
  if (keyring.versions.includes(demoKeyVersion)) return
  const found = await trx.selectFrom('secret').select('sealed').where('name', '=', name).forUpdate().executeTakeFirst()
  if (found && keyring.sealedVersion(found.sealed) === demoKeyVersion)
    await trx.updateTable('secret').set({ sealed: made }).where('name', '=', name).execute()
}

function peopleOf(key: KeyObject): People {
  const macOf = (text: string): string =>
    createHmac('sha256', key).update(text).digest().subarray(0, macBytes).toString('base64url')
  return {
    keyOf: (businessId, recipient) => macOf(`${businessId}\0${personOf(recipient)}`),
    // What no id of a business begins with.
    markOf: (text) => macOf(`text\0${text}`),
  }
}

function unseal(keyring: Keyring, sealed: Uint8Array): string {
  try {
    return keyring.unseal(sealed, about)
  } catch {
    const version = keyring.sealedVersion(sealed)
    throw new WrongMasterKey(
      `The key that budgets are kept under is sealed under master key ${version}, which CENTANG_MASTER_KEY does not have.`,
      `List it beside the new one and run: centang master-keys rotate. If it is lost: centang master-keys forget ${version}; all budgets begin anew then.`,
    )
  }
}

/** Seals it anew under the current master key. */
export const rotatePeople = (
  database: Database,
  keyring: Keyring,
): Promise<{ readonly moved: number; readonly unreadable: number }> =>
  database.asEngine(async (trx) => {
    const found = await trx
      .selectFrom('secret')
      .select('sealed')
      .where('name', '=', name)
      .forUpdate()
      .executeTakeFirst()
    if (!found || keyring.sealedVersion(found.sealed) === keyring.currentVersion) return { moved: 0, unreadable: 0 }
    let key: string
    try {
      key = keyring.unseal(found.sealed, about)
    } catch {
      return { moved: 0, unreadable: 1 }
    }
    const sealed = Buffer.from(keyring.seal(key, about))
    await trx.updateTable('secret').set({ sealed }).where('name', '=', name).execute()
    return { moved: 1, unreadable: 0 }
  })
