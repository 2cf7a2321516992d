import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { withCall } from '../../src/cli/provider-call.ts'

describe('the command line at a vendor', () => {
  const asked: string[] = []
  const inside = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end('{}')
  })
  let origin = ''
  before(async () => {
    await new Promise<void>((done) => inside.listen(0, '127.0.0.1', done))
    origin = `http://127.0.0.1:${(inside.address() as AddressInfo).port}`
  })
  after(() => inside.close())

  const ask = (shared: boolean) =>
    withCall(
      {
        id: '0190a000-0000-7000-8000-000000000001',
        businessId: '0190a000-0000-7000-8000-000000000002',
        shared,
        live: false,
        channel: 'whatsapp',
        provider: 'whatsapp-cloud-api',
        purpose: 'authentication',
        config: { phone_number_id: '12345', waba_id: '12345', base_url: origin },
        secrets: {},
      },
      (call) => call({ method: 'GET', url: `${origin}/meta`, headers: {} }),
    )

  it('takes no address inside from a test sender of a business', async () => {
    await assert.rejects(ask(false))
    assert.deepEqual(asked, [])
  })

  it('takes it from one that the operator made for all', async () => {
    await ask(true)
    assert.deepEqual(asked, ['/meta'])
  })
})
