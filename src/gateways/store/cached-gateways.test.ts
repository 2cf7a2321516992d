import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Gateway } from '#gateways/core/gateway.ts'
import type { Database } from '#platform/database/database.ts'
import type { Keyring } from '#platform/keys/keyring.ts'
import { CachedGatewayStore } from './cached-gateways.ts'
import { GatewayStore } from './gateways.ts'

const cachedGateways = () => new CachedGatewayStore({ of: () => undefined } as unknown as Database, {} as Keyring)

describe('what is remembered of gateways', () => {
  it('asks once for a gateway, and never finds one that it removed', async (t) => {
    const gateways = cachedGateways()
    let asked = 0
    let isThere = true
    t.mock.method(gateways, 'find', async (id: string) => {
      asked++
      return isThere ? ({ id } as Gateway) : undefined
    })
    t.mock.method(GatewayStore.prototype, 'remove', async () => {
      // A call that comes between the decision and the commit.
      await gateways.gatewayOf('g')
      isThere = false
      return true
    })
    for (let count = 0; count < 3; count++) assert.equal((await gateways.gatewayOf('g'))?.id, 'g')
    assert.equal(asked, 1)
    await gateways.remove('b', false, 'g')
    assert.equal(await gateways.gatewayOf('g'), undefined)
    assert.equal(asked, 2)
  })

  it('asks again for a gateway whose secret could not be read', async (t) => {
    const gateways = cachedGateways()
    let isReadable = false
    t.mock.method(gateways, 'find', async (id: string) => {
      if (!isReadable) throw new Error('sealed under another key')
      return { id } as Gateway
    })
    await assert.rejects(gateways.gatewayOf('g'))
    isReadable = true
    assert.equal((await gateways.gatewayOf('g'))?.id, 'g')
  })
})
