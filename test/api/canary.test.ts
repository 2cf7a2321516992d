import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { codeOn, freshNumber, startTestServer, type TestServer, wrongCode } from '../server.ts'

/** Every way a code might have been written down. */
const spellings = (code: string): string[] => [
  code,
  Buffer.from(code).toString('hex'),
  Buffer.from(code).toString('base64').replaceAll('=', ''),
]

const leaks = (text: string, codes: readonly string[]): string[] =>
  codes.flatMap(spellings).filter((one) => text.includes(one))

/** Every row of every table as text: what a stolen dump would hold. */
async function dump(server: TestServer): Promise<string> {
  const tables = await server.database.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public'`,
  )
  const parts = []
  for (const { name } of tables)
    parts.push(
      ...(await server.database.query<{ row: string }>(`select t::text as row from "${name}" t`)).map(({ row }) => row),
    )
  return parts.join('\n')
}

describe('a code', () => {
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

  it('is in no log, no answer, no event and no dump of the database', async () => {
    const codes: string[] = []
    for (const own of ['7391846205', undefined, '8402957316', undefined]) {
      const to = freshNumber()
      const { body } = await call(
        'POST',
        '/v1/verifications',
        { to, code_length: 10, ...(own !== undefined && { code: own }) },
        { 'idempotency-key': `s${to}` },
      )
      const code = await codeOn(server, to)
      codes.push(code, wrongCode(code))
      const path = `/v1/verifications/${body.id}`
      await call('POST', `${path}/check`, { code: wrongCode(code) }, { 'idempotency-key': `w${to}` })
      await call('POST', `${path}/check`, { code, unknown: code })
      await call('POST', `${path}/check`, `{"code":"${code}"`)
      await call('POST', `${path}/check?code=${code}`, { code: `x${code}` })
      await call('POST', `${path}/resend`, { channel: 'sms' }, { 'idempotency-key': `r${to}` })
      await codeOn(server, to, 2)
      await call('GET', path)
      // Left pending twice, so that the dump holds verifications that are still open.
      if (own === undefined) await call('POST', `${path}/check`, { code })
      await call('GET', path)
    }
    await call('GET', '/v1/verifications?limit=100')
    await call('GET', '/metrics')
    assert.deepEqual(leaks(server.logged.join(''), codes), [], 'log')
    assert.deepEqual(leaks(answers.join('\n'), codes), [], 'answers')
    assert.deepEqual(leaks(await dump(server), codes), [], 'database')
    assert.ok(server.logged.length > 20, 'there was a log to look at')
  })

  it('would have been found', async () => {
    await server.database.query(`create table planted as select '7391846205'::text as code`)
    assert.deepEqual(leaks(await dump(server), ['7391846205']), ['7391846205'])
    assert.ok(leaks(Buffer.from('7391846205').toString('base64'), ['7391846205']).length > 0)
  })
})
