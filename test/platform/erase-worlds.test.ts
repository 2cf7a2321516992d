import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { bearer, freshNumber } from '../kit/api.ts'
import { addKey } from '../kit/keys.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'

describe('erasing with a test key', () => {
  let server: SharedServer
  before(async () => {
    server = await sharedServer()
  })
  after(() => server.stop())

  it('leaves the answers that the live world keeps', async () => {
    const { application } = await server.freshBusiness()
    const [testKey, liveKey] = [await addKey(server, application, false), await addKey(server, application, true)]
    const to = freshNumber()
    const body = { url: `https://93.184.215.14/${to.slice(1)}`, events: ['message.received'] }
    const make = (key: string) =>
      server.call('POST', '/v1/webhook_endpoints', body, { ...bearer(key), 'idempotency-key': 'one' })
    const [live, test] = [await make(liveKey), await make(testKey)]
    assert.deepEqual([live.status, test.status], [201, 201], JSON.stringify(live.body))
    assert.equal((await server.call('POST', '/v1/recipients/erase', { to }, bearer(testKey))).status, 200)
    assert.equal((await make(liveKey)).body.id, live.body.id)
    assert.notEqual((await make(testKey)).status, 201)
    assert.equal((await server.call('POST', '/v1/recipients/erase', { to }, bearer(liveKey))).status, 200)
    assert.notEqual((await make(liveKey)).status, 201)
  })
})
