import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatApiKey } from '#core/access/api-key.ts'
import type { BusinessStore } from '#store/businesses.ts'

/** The same in every installation, so that starting again finds it. */
export const demo = {
  businessId: '0190a000-0000-7000-8000-000000000001',
  applicationId: '0190a000-0000-7000-8000-000000000002',
  name: 'Demo Bank',
} as const

/** A secret of the demo, made on the first start and kept in the data folder, readable by its owner only. */
function keptSecret(dataFolder: string, name: string, make: () => string): string {
  const path = join(dataFolder, name)
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  mkdirSync(dataFolder, { recursive: true })
  const secret = make()
  writeFileSync(path, `${secret}\n`, { mode: 0o600, flag: 'wx' })
  return secret
}

export const demoMasterKeys = (dataFolder: string): ReadonlyMap<number, Uint8Array> =>
  new Map([
    [
      1,
      Buffer.from(
        keptSecret(dataFolder, 'master-key', () => randomBytes(32).toString('base64')),
        'base64',
      ),
    ],
  ])

export const demoKey = (dataFolder: string): string =>
  keptSecret(dataFolder, 'demo-key', () => formatApiKey(false, randomBytes(18).toString('base64url')))

/** The demo business with its application and its test key; does nothing when they are there. */
export async function seedDemo(businesses: BusinessStore, key: string | undefined, now: Date): Promise<void> {
  const { businessId, applicationId, name } = demo
  await businesses.create({ id: businessId, applicationId, name }, now)
  if (key === undefined) return
  const caller = await businesses.findCaller(key)
  if (caller && caller.businessId !== businessId) throw new Error('CENTANG_DEMO_KEY is a key of another business.')
  if (!caller) await businesses.createKey({ businessId, applicationId, live: false }, now, key)
}
