import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { Refusal } from '#platform/core/refusal.ts'
import { totpDefaults } from '#totp/core/totp.ts'
import { BusinessStore } from '#access/store/businesses.ts'
import { Database } from '#platform/database/database.ts'
import { Keyring } from '#platform/keys/keyring.ts'
import { TotpEntityStore } from '#totp/store/entities.ts'
import { TotpFactorStore } from '#totp/store/factors.ts'
import { shownCode } from '../kit/authenticator.ts'
import { freshDatabase, type TestDatabase } from '../kit/database.ts'

describe('secrets of authenticator apps', () => {
  let server: TestDatabase
  let database: Database
  before(async () => {
    server = await freshDatabase()
    const settings = { statementTimeoutMs: 5000, lockTimeoutMs: 5000, poolSize: 4 }
    database = new Database({ connectionString: server.url, ...settings })
  })
  after(async () => {
    await database.close()
    await server.drop()
  })

  it('move to the current master key, and those that cannot be read are told and left', async () => {
    const now = new Date()
    const [first, second] = [randomBytes(32), randomBytes(32)]
    const of = (...keys: [number, Buffer][]) => new TotpFactorStore(database, new Keyring(new Map(keys)))
    const { id: businessId, applicationId } = await new BusinessStore(database).create({ name: 'Shop' }, now)
    const owner = { businessId, applicationId, live: true }
    const { entity } = await new TotpEntityStore(database).open(owner, 'person-one', now)
    const given = { friendlyName: 'Phone', secret: 'MZXW6YTBOI', config: totpDefaults }
    const factor = await of([1, first]).create(entity, given, now)
    let minutes = 0
    const outcomeBy = async (store: TotpFactorStore) => {
      const at = new Date(now.getTime() + minutes++ * 60_000)
      return (await store.check(factor, { code: shownCode(given.secret, 0, 6, at) }, at))?.outcome
    }
    assert.equal(await outcomeBy(of([1, first])), 'right')
    assert.deepEqual(await of([2, second]).rotate(), { moved: 0, unreadable: 1 })
    await assert.rejects(
      outcomeBy(of([2, second])),
      (error) => error instanceof Refusal && error.code === 'key_unavailable',
    )
    assert.deepEqual(await of([2, second], [1, first]).rotate(), { moved: 1, unreadable: 0 })
    assert.equal(await outcomeBy(of([2, second])), 'right')
    assert.deepEqual(await of([2, second]).rotate(), { moved: 0, unreadable: 0 })
  })
})
