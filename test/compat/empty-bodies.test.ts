import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { codeOn, freshNumber } from '../kit/api.ts'
import { sendRaw } from '../kit/raw-http.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { twilioTenant, type TwilioTenant } from './twilio-tenant.ts'

/** Some clients announce a body in chunks, of no type, and send none, as with Vonage's next step. */
let server: SharedServer
let tenant: TwilioTenant
let vonage: Record<string, string>

before(async () => {
  server = await sharedServer()
  tenant = await twilioTenant(server)
  const user = server.business.rowId.slice(-8)
  vonage = { authorization: `Basic ${Buffer.from(`${user}:${server.key}`).toString('base64')}` }
})
after(() => server.stop())

const chunked = (method: string, path: string, authorization: string, chunks = '0\r\n\r\n', type?: string) =>
  sendRaw(
    server.url,
    [
      `${method} ${path} HTTP/1.1`,
      'Host: 127.0.0.1',
      `Authorization: ${authorization}`,
      ...(type === undefined ? [] : [`Content-Type: ${type}`]),
      'Transfer-Encoding: chunked',
      'Connection: close',
      '',
      chunks,
    ].join('\r\n'),
  )

async function startTwoSteps(): Promise<{ path: string; number: string }> {
  const number = freshNumber()
  const workflow = ['whatsapp', 'sms'].map((channel) => ({ channel, to: number.slice(1) }))
  const { body } = await server.call('POST', '/v2/verify', { brand: 'ACME', workflow }, vonage)
  await codeOn(server, number)
  return { path: `/v2/verify/${body.request_id}`, number }
}

test('Vonage: the next step with an empty body in chunks is 200, with and without a type', async () => {
  const authorization = vonage['authorization'] as string
  for (const type of [undefined, 'application/json', 'text/plain']) {
    const { path, number } = await startTwoSteps()
    assert.equal((await chunked('POST', `${path}/next_workflow`, authorization, undefined, type)).status, 200, type)
    await codeOn(server, number, 2)
    assert.equal((await chunked('DELETE', path, authorization, undefined, type)).status, 204, type)
  }
})

test('a body of no type is still refused when there is one', async () => {
  const authorization = vonage['authorization'] as string
  const { path } = await startTwoSteps()
  assert.equal((await chunked('POST', `${path}/next_workflow`, authorization, '2\r\n{}\r\n0\r\n\r\n')).status, 415)
  const twilio = `Basic ${Buffer.from(`${tenant.account}:${tenant.key}`).toString('base64')}`
  assert.equal((await chunked('POST', '/v2/Services', twilio, '2\r\n{}\r\n0\r\n\r\n')).status, 415)
})

test('Twilio and our own API take an empty body in chunks too', async () => {
  const twilio = `Basic ${Buffer.from(`${tenant.account}:${tenant.key}`).toString('base64')}`
  const limit = (await tenant.post(`${tenant.base}/RateLimits`, { UniqueName: 'ip' })).body
  assert.equal((await chunked('POST', `${tenant.base}/RateLimits/${limit.sid}`, twilio)).status, 200)
  const { body } = await server.call('POST', '/v1/verifications', { to: freshNumber(), channel: 'sms' })
  assert.equal((await chunked('POST', `/v1/verifications/${body.id}/cancel`, `Bearer ${server.key}`)).status, 200)
})

test('Vonage: a 404 has the words and the type of the vendor’s own fixtures, with the id that was asked for', async () => {
  const id = randomUUID()
  const asked = [
    server.call('POST', `/v2/verify/${id}`, { code: '907856' }, vonage),
    server.call('DELETE', `/v2/verify/${id}`, undefined, vonage),
    server.call('POST', `/v2/verify/${id}/next_workflow`, undefined, vonage),
  ]
  for (const { status, body } of await Promise.all(asked)) {
    assert.deepEqual(
      [status, body.type, body.title, body.detail],
      [
        404,
        'https://developer.vonage.com/api-errors#not-found',
        'Not Found',
        `Request ${id} was not found or it has been verified already.`,
      ],
    )
  }
  const { path } = await startTwoSteps()
  await server.call('DELETE', path, undefined, vonage)
  const over = await server.call('POST', path, { code: '907856' }, vonage)
  assert.equal(over.body.detail, `Request ${path.slice(11)} was not found or it has been verified already.`)
  const strange = await server.call('DELETE', '/v2/verify/%3Cscript%3E', undefined, vonage)
  assert.deepEqual([strange.status, strange.body.detail.includes('script')], [404, false])
})
