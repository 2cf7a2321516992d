import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { accessIds } from '#access/core/ids.ts'
import { spellId } from '#platform/core/id.ts'
import { createLog } from '#platform/log.ts'
import { codeOn, freshNumber } from '../kit/api.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'

/** How a number may stand in a line: as it is, in a URL, without its plus, in the country's own way. */
const spellings = (number: string): string[] => {
  const digits = number.slice(1)
  return [
    digits,
    digits.slice(2),
    digits.replace(/^(..)(...)(....)/, '$1 $2 $3'),
    Buffer.from(number).toString('base64'),
  ]
}
const found = (text: string, numbers: readonly string[]): string[] =>
  numbers.flatMap(spellings).filter((one) => text.includes(one))

describe('a number', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer({ CENTANG_LOG_REQUESTS: 'on' })
  })
  after(() => server.stop())

  it('is in no log, not in the path of a logged request either, which is told by its route', async () => {
    const numbers: string[] = []
    const number = (): string => {
      const one = freshNumber()
      numbers.push(one)
      return one
    }
    const [application] = await server.database.query<{ id: string }>('select id from application')
    const id = spellId(accessIds.application, application?.id as string)
    const { body: credentials } = await server.call('GET', `/v1/applications/${id}/credentials`)
    const basic = {
      authorization: `Basic ${Buffer.from(`${credentials.twilio.account_sid}:${server.key}`).toString('base64')}`,
    }
    const to = number()
    const { body } = await server.call('POST', '/v1/verifications', { to })
    await codeOn(server, to)
    await server.call('GET', `/v1/verifications?to=${encodeURIComponent(to)}`)
    await server.call('GET', `/v1/verifications/${to}`)
    await server.call('GET', `/v1/nothing/${to}`)
    await server.call('DELETE', `/v1/verifications/${body.id}?to=${to}`)
    for (const spelled of [number(), encodeURIComponent(number())]) {
      const { status } = await server.call('GET', `/v2/SafeList/Numbers/${spelled}`, undefined, basic)
      assert.equal(status, 404)
      await server.call('DELETE', `/v2/SafeList/Numbers/${spelled}`, undefined, basic)
    }
    await server.call('POST', '/v1/recipients/reset', { recipient: number() })
    await server.call('GET', `/%zz${number()}`)
    await server.call('GET', `/v1/verifications/${number()}${'x'.repeat(300)}`)
    await server.call('POST', '/v1/verifications', `{"to":"${number()}`)
    await server.call('POST', '/v1/messages', { to: number(), text: 'x' })
    const log = server.logged.join('')
    assert.deepEqual(found(log, numbers), [])
    assert.match(log, /"route":"\/v2\/SafeList\/Numbers\/:PhoneNumber"/)
    assert.match(log, /"route":"none"/)
    assert.ok(server.logged.length > 20, 'there was a log to look at')
  })

  it('is cut out of what an error says, and of members that hold one', () => {
    const lines: string[] = []
    const stream = new PassThrough().on('data', (chunk: Buffer) => lines.push(chunk.toString()))
    const log = createLog('info', stream as unknown as NodeJS.WriteStream)
    const cause = new Error('no route to tel:+6281234567890')
    log.error({ err: new Error('value 6281234567890 of +62 is bad', { cause }) }, 'x')
    log.error({ err: '+6281234567890' }, 'x')
    log.info({ to: '+6281234567890', verification: { recipient: '+6281234567890', contact: '+6281234567890' } }, 'x')
    const log2 = lines.join('')
    assert.deepEqual(found(log2, ['+6281234567890']), [])
    assert.match(log2, /value 628… of \+62 is bad/)
  })
})
