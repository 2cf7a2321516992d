import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { formatApiKey } from '#access/core/api-key.ts'
import { demoKeyVersion, type MasterKeys, masterKeyBytes } from '#platform/keys/keyring.ts'
import { keptSecret } from '#platform/keys/secret-file.ts'

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

/** A damaged file aborts the start and stops the database that is starting meanwhile. */
export async function demoKey(
  dataFolder: string,
  opening: Promise<{ stop(): Promise<void> }> | undefined,
): Promise<string> {
  try {
    return keptKey(dataFolder)
  } catch (error) {
    await opening?.then((database) => database.stop())
    throw error
  }
}

function keptKey(dataFolder: string): string {
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
