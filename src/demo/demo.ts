import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { formatApiKey } from '#access/core/api-key.ts'
import type { BusinessStore } from '#access/store/businesses.ts'
import { demoKeyVersion, type MasterKeys, masterKeyBytes } from '#platform/keys/keyring.ts'
import { keptSecret } from '#platform/keys/secret-file.ts'

/** The same in every installation, so that starting again finds it. */
export const demo = {
  businessId: '0190a000-0000-7000-8000-000000000001',
  applicationId: '0190a000-0000-7000-8000-000000000002',
  name: 'Demo Bank',
} as const

/** Made on the first start and kept in the data folder. */
export function demoMasterKeys(dataFolder: string): MasterKeys {
  const path = join(dataFolder, 'master-key')
  const key = Buffer.from(
    keptSecret(path, () => randomBytes(masterKeyBytes).toString('base64')),
    'base64',
  )
  if (key.length !== masterKeyBytes) throw new Damaged(path, `${masterKeyBytes} bytes in base64`)
  return new Map([[demoKeyVersion, key]])
}

export function demoKey(dataFolder: string): string {
  const path = join(dataFolder, 'demo-key')
  const key = keptSecret(path, () => formatApiKey(false, randomBytes(18).toString('base64url')))
  if (!key.startsWith('ck_test_')) throw new Damaged(path, 'a key that begins with ck_test_')
  return key
}

class Damaged extends Error {
  constructor(path: string, wanted: string) {
    super(
      `The file ${path} is damaged: it must hold ${wanted}. Put it back from a backup, or delete it to get a new one.`,
    )
  }
}

/** The demo business with its application and its test key; does nothing when they are there. */
export async function seedDemo(businesses: BusinessStore, key: string | undefined, now: Date): Promise<void> {
  const { businessId, applicationId, name } = demo
  await businesses.create({ id: businessId, applicationId, name }, now)
  if (key === undefined) return
  const caller = await businesses.findCaller(key)
  if (caller && caller.businessId !== businessId) throw new Error('CENTANG_DEMO_KEY is a key of another business.')
  if (!caller) await businesses.createKey({ businessId, applicationId, live: false }, now, key)
}
