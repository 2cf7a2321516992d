import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { createDesk } from '../../examples/service-request/server.ts'
import { codeOn, freshNumber, startTestServer, type TestServer, wrongCode } from '../server.ts'

describe('the example of a service request', () => {
  const phone = freshNumber()
  const changed: string[] = []
  let centang: TestServer
  let desk: Server
  let url: string
  before(async () => {
    centang = await startTestServer()
    desk = createDesk({
      centangUrl: centang.url,
      apiKey: centang.key,
      agentToken: 'agent',
      phones: new Map([['C-17', phone]]),
      onReset: (customer) => changed.push(customer),
    })
    desk.listen(0, '127.0.0.1')
    await once(desk, 'listening')
    url = `http://127.0.0.1:${(desk.address() as AddressInfo).port}`
  })
  after(async () => {
    desk.close()
    await centang.stop()
  })

  const call = async (method: string, path: string, body?: object, token = 'agent') => {
    const answer = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body && { body: JSON.stringify(body) }),
    })
    return { status: answer.status, body: (await answer.json()) as Record<string, string> }
  }
  const type = (link: string, code: string) => fetch(link, { method: 'POST', body: new URLSearchParams({ code }) })
  let messages = 0
  const begin = async () => {
    const { body } = await call('POST', '/requests', { customer: 'C-17' })
    return {
      id: body['id'] as string,
      link: body['link'] as string,
      code: await codeOn(centang, phone, ++messages),
      body,
    }
  }

  it('lets the agent go on after the customer has typed the code, and the customer choose the password', async () => {
    const { id, link, code, body } = await begin()
    assert.ok(!JSON.stringify(body).includes(phone), 'the agent needs only the end of the number')
    assert.deepEqual((await call('GET', `/requests/${id}`)).body, { status: 'pending' })
    await type(link, wrongCode(code))
    assert.deepEqual((await call('GET', `/requests/${id}`)).body, { status: 'pending' })
    assert.match(await (await type(link, code)).text(), /You can close this page/)
    const { body: approved } = await call('GET', `/requests/${id}`)
    assert.equal(approved['status'], 'approved')
    const reset = approved['reset_link'] as string
    assert.equal((await call('POST', reset, { password: 'short' }, '')).status, 404)
    assert.equal((await call('POST', reset, { password: 'a long new password' }, '')).status, 200)
    assert.equal((await call('POST', reset, { password: 'a long new password' }, '')).status, 404, 'once')
    assert.deepEqual(changed, ['C-17'])
    assert.equal((await call('GET', `/requests/${id}`)).status, 404, 'one proof, one reset')
  })

  it('opens to nobody who is no agent, for nobody who is no customer', async () => {
    const { id } = await begin()
    assert.equal((await call('GET', `/requests/${id}`, undefined, 'x')).status, 404)
    assert.equal((await call('POST', '/requests', { customer: 'C-17' }, 'x')).status, 404)
    assert.equal((await call('POST', '/requests', { customer: 'C-18' })).status, 404)
    assert.equal((await call('POST', '/reset/x', { password: 'a long new password' })).status, 404)
  })
})
