import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { codeOn, freshNumber } from '../kit/api.ts'
import { dump, leaks } from '../kit/leaks.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'
import { connectAuthServers, payloads, systemNames } from './auth-servers.ts'

describe('a code that an auth server made', () => {
  let server: TestServer
  const answers: string[] = []
  before(async () => {
    server = await startTestServer({ CENTANG_LOG_REQUESTS: 'on' })
  })
  after(() => server.stop())

  const call = async (method: string, path: string, body?: unknown, headers?: Record<string, string>) => {
    const answer = await server.call(method, path, body, headers)
    answers.push(JSON.stringify(answer.body), JSON.stringify([...answer.headers]))
    return answer
  }

  it('is in no log, no answer and no dump of the database, delivered, refused, and in calls that nobody can read', async () => {
    const [delivered, refused] = ['6284017395', '5839204716']
    const authServers = await connectAuthServers(server)
    for (const system of systemNames) {
      const payload = payloads[system]
      const post = (text: string, signed = text) =>
        call('POST', authServers.path(system), text, authServers.proof(system, signed))
      const to = freshNumber()
      const text = JSON.stringify(payload(to, delivered))
      await post(text)
      assert.equal(await codeOn(server, to), delivered, system)
      await post(text)
      await post(JSON.stringify(payload(to, `${refused}x`)))
      await post(JSON.stringify(payload(refused, refused)))
      await post(JSON.stringify(payload(to, refused)).slice(0, -1))
      await post(JSON.stringify(payload(to, refused)), 'another')
      await post(JSON.stringify({ ...payload(to, refused), [refused]: refused, more: refused.repeat(7000) }))
    }
    await call('GET', '/v1/gateways')
    // What they sign with is no less a secret: in an answer, in the log and in the database.
    const key = authServers.secret.replace('whsec_', '')
    const canaries = [delivered, refused, authServers.secret, key, Buffer.from(key, 'base64').toString('hex')]
    assert.deepEqual(leaks(server.logged.join(''), canaries), [], 'log')
    assert.deepEqual(leaks(answers.join('\n'), canaries), [], 'answers')
    assert.deepEqual(leaks(await dump(server), canaries), [], 'database')
    assert.ok(server.logged.length > 20, 'there was a log to look at')
  })
})
