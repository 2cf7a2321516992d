import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import type { Sender } from '#messaging/core/sender.ts'
import { contractMessage } from './contract/case.ts'
import { madeUp, madeUpCase } from './contract/made-up.ts'
import { createProviderHttp } from './http.ts'
import { provider as smsHttp } from './sms/http/provider.ts'

const senderAt = (url: string): Sender => ({
  id: '0190a000-0000-7000-8000-000000000004',
  businessId: '0190a000-0000-7000-8000-000000000001',
  live: true,
  channel: 'sms',
  provider: 'sms-http',
  purpose: 'authentication',
  config: { url, body: { to: '{{to}}', text: '{{text}}' } },
  secrets: {},
})

/** Nothing listens on these ports: a call that is allowed is told from one that is not by its outcome. */
describe('a live sender of a provider that names no hosts', () => {
  const outcomeAt = async (url: string, allowedHosts: readonly string[] = []) => {
    const http = createProviderHttp({
      allowedHosts,
      simulatorOrigin: () => 'http://127.0.0.1:9',
      ownOrigin: () => 'https://verify.example.test:9',
      timeoutMs: 500,
    })
    const result = await http.send(smsHttp, contractMessage, senderAt(url))
    await http.close()
    return result.outcome === 'refused' ? result.failure.reason : result.outcome
  }

  it('never calls this server under its public address, where the simulator may be', async () => {
    const own = 'https://verify.example.test:9/simulator/sms/send'
    assert.equal(await outcomeAt(own), 'sender_misconfigured')
    assert.equal(await outcomeAt(own, ['verify.example.test:9']), 'sender_misconfigured')
    assert.equal(await outcomeAt('https://sms.example.test:9/send'), 'deferred', 'another name is only unknown')
  })

  it('that makes no valid request is refused as misconfigured: nothing has left, and the next channel is tried', async () => {
    for (const url of ['https://', 'no address at all']) assert.equal(await outcomeAt(url), 'sender_misconfigured', url)
    const http = createProviderHttp({ allowedHosts: ['127.0.0.1:8'] })
    const broken = {
      ...smsHttp,
      toRequest: () => {
        throw new TypeError('a fault of ours')
      },
    }
    const result = await http.send(broken, contractMessage, senderAt('http://127.0.0.1:8'))
    assert.partialDeepStrictEqual(result, {
      outcome: 'refused',
      failure: { reason: 'sender_misconfigured', fallback: true },
    })
    const badHeader = {
      ...smsHttp,
      toRequest: () => ({ method: 'POST', url: 'http://127.0.0.1:8', headers: { 'a b': 'x' } }) as const,
    }
    assert.equal((await http.send(badHeader, contractMessage, senderAt('http://127.0.0.1:8'))).outcome, 'refused')
    await http.close()
  })

  it('is given its time from when the request leaves, however many leave at once', async () => {
    const slow = createServer((_request, reply) => void setTimeout(() => reply.end('{"id":"1"}'), 3000))
    await new Promise<void>((done) => slow.listen(0, '127.0.0.1', done))
    const host = `127.0.0.1:${(slow.address() as AddressInfo).port}`
    const http = createProviderHttp({ allowedHosts: [host], timeoutMs: 5800 })
    // Through 64 connections the last of these would have waited for longer than its time.
    const sends = Array.from({ length: 70 }, () => http.send(smsHttp, contractMessage, senderAt(`http://${host}`)))
    const outcomes = (await Promise.all(sends)).map(({ outcome }) => outcome)
    await http.close()
    slow.closeAllConnections()
    await new Promise((done) => slow.close(done))
    assert.deepEqual(new Set(outcomes), new Set(['accepted']))
  })

  it('calls no private address and no plain http, but what the operator allows', async () => {
    for (const url of ['https://127.0.0.1:8', 'https://[::1]:8', 'https://10.0.0.1', 'http://sms.example.test'])
      assert.equal(await outcomeAt(url), 'sender_misconfigured', url)
    assert.equal(await outcomeAt('http://127.0.0.1:8/send', ['127.0.0.1:8']), 'deferred')
  })

  it('is under the same rules with a dot behind the host', async () => {
    for (const url of [
      'https://verify.example.test.:9/simulator/sms/send',
      'http://127.0.0.1.:9/simulator/sms/send',
      'https://127.0.0.1..:8',
      'http://sms.example.test.',
    ])
      assert.equal(await outcomeAt(url), 'sender_misconfigured', url)
    assert.equal(await outcomeAt('https://verify.example.test.:9/x', ['verify.example.test:9']), 'sender_misconfigured')
    assert.equal(await outcomeAt('http://localhost.:8/send', ['localhost:8']), 'deferred', 'the operator allows it')
    assert.equal(await outcomeAt('http://localhost:8/send', ['localhost.:8']), 'deferred')
  })

  it('calls of a host that is allowed with a path nothing but what begins with it', async () => {
    const allowed = ['127.0.0.1:8/sms/']
    for (const path of ['/sms', '/sms/', '/sms/send?x=1', '/a/../sms/send'])
      assert.equal(await outcomeAt(`http://127.0.0.1:8${path}`, allowed), 'deferred', path)
    for (const path of ['/', '/smsx', '/admin', '/sms/../admin', '/sms/%2e%2e/admin', '/x/sms/send'])
      assert.equal(await outcomeAt(`http://127.0.0.1:8${path}`, allowed), 'sender_misconfigured', path)
  })
})

/** The made-up vendor's host is nowhere either. */
describe('a live sender of a vendor', () => {
  const outcomeAt = async (api: string, allowedHosts: readonly string[] = []) => {
    const http = createProviderHttp({ allowedHosts, timeoutMs: 500 })
    const sender = { ...madeUpCase.senderAt(api), live: true }
    const result = await http.send(madeUp, contractMessage, sender)
    await http.close()
    return result.outcome === 'refused' ? result.failure.reason : result.outcome
  }

  it("calls the vendor's API and no other path of its hosts", async () => {
    assert.equal(await outcomeAt('https://api.made-up.example'), 'deferred')
    assert.equal(await outcomeAt('https://api.made-up.example.'), 'deferred', 'the same host')
    for (const api of [
      'https://api.made-up.example/admin',
      'https://api.made-up.example/x?',
      'https://api.made-up.example/a#',
    ])
      assert.equal(await outcomeAt(api), 'sender_misconfigured', api)
    assert.equal(await outcomeAt('http://127.0.0.1:8/proxy', ['127.0.0.1:8/proxy']), 'deferred', "the operator's way")
    assert.equal(await outcomeAt('http://127.0.0.1:8/proxy/x?', ['127.0.0.1:8']), 'sender_misconfigured')
    assert.equal(await outcomeAt('http://127.0.0.1:8/elsewhere', ['127.0.0.1:8/proxy']), 'sender_misconfigured')
  })
})
