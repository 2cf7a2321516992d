import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { accessIds } from '#access/core/ids.ts'
import { spellId } from '#platform/core/id.ts'
import { addKey } from '../kit/keys.ts'
import { bearer, codeOn, freshNumber, operatorKey } from '../kit/api.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'

describe('a request that is repeated with its Idempotency-Key', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
  })
  after(() => server.stop())

  const once = (path: string, body: unknown, key: string) => server.call('POST', path, body, { 'idempotency-key': key })
  const begin = async (more: object = {}) => {
    const to = freshNumber()
    const { body } = await server.call('POST', '/v1/verifications', { to, ...more })
    return { to, path: `/v1/verifications/${body.id}` }
  }
  const deliveriesOf = async (path: string) =>
    (await server.call('GET', path)).body.deliveries.map(({ channel }: { channel: string }) => channel)

  it('is answered as the first was, while another key starts one of its own', async () => {
    const to = freshNumber()
    const [one, other] = [randomUUID(), randomUUID()]
    const answers = []
    for (const key of [one, one, other, other, one]) answers.push(await once('/v1/verifications', { to }, key))
    assert.deepEqual(
      answers.map(({ status }) => status),
      [201, 201, 201, 201, 201],
    )
    const [first, , second] = answers.map(({ body }) => body.id)
    assert.deepEqual(
      answers.map(({ body }) => body.id),
      [first, first, second, second, first],
    )
    assert.notEqual(second, first)
  })

  it('sends once, however often a resend is repeated', async () => {
    const { path } = await begin({ channel: 'whatsapp' })
    const key = randomUUID()
    const first = await once(`${path}/resend`, { channel: 'sms' }, key)
    assert.equal(first.status, 200)
    for (let n = 0; n < 3; n++) {
      const again = await once(`${path}/resend`, { channel: 'sms' }, key)
      assert.deepEqual([again.status, again.body], [200, first.body])
    }
    assert.deepEqual(await deliveriesOf(path), ['whatsapp', 'sms'])
    const other = await once(`${path}/resend`, { channel: 'whatsapp' }, key)
    assert.equal(other.body.code, 'idempotency_key_reused')
  })

  it('goes on by one channel, however often next is repeated', async () => {
    const { path } = await begin({
      workflow: [
        { channel: 'whatsapp', wait_seconds: 60 },
        { channel: 'sms', wait_seconds: 60 },
      ],
    })
    const key = randomUUID()
    const answers = [await once(`${path}/next`, {}, key), await once(`${path}/next`, {}, key)]
    assert.deepEqual(answers[1]?.body, answers[0]?.body)
    assert.deepEqual(await deliveriesOf(path), ['whatsapp', 'sms'])
    const further = await once(`${path}/next`, {}, randomUUID())
    assert.equal(further.body.code, 'workflow_exhausted')
  })

  it('is canceled once, and its answer is not the refusal that a second cancel would get', async () => {
    const { path } = await begin()
    const key = randomUUID()
    const [first, again] = [await once(`${path}/cancel`, undefined, key), await once(`${path}/cancel`, undefined, key)]
    assert.deepEqual([first.body.status, again.status, again.body], ['canceled', 200, first.body])
    assert.equal((await once(`${path}/cancel`, undefined, randomUUID())).body.code, 'verification_closed')
  })

  it('keeps a refusal for nobody: what refused it may be over', async () => {
    const { to, path } = await begin({ channel: 'sms' })
    const key = randomUUID()
    assert.equal((await once(`${path}/resend`, {}, key)).body.code, 'resend_too_soon')
    await server.database.query(
      `update recipient set sent_at = array(select s - interval '1 minute' from unnest(sent_at) s) where person in (select v.person from verification v where v.recipient = $1)`,
      [to],
    )
    assert.equal((await once(`${path}/resend`, {}, key)).status, 200)
  })

  it('learns of the approval whose answer was lost', async () => {
    const { to, path } = await begin({ channel: 'sms' })
    const code = await codeOn(server, to)
    const key = randomUUID()
    const lost = await once(`${path}/check`, { code }, key)
    const again = await once(`${path}/check`, { code }, key)
    assert.deepEqual([lost.status, lost.body.valid], [200, true])
    assert.deepEqual([again.status, again.body], [200, lost.body])
    const other = await once(`${path}/check`, { code }, randomUUID())
    assert.equal(other.body.code, 'verification_closed', 'the code itself opens nothing a second time')
  })

  it('does not run again when what it did could not be kept', async () => {
    const create = (key: string) =>
      server.call('POST', '/v1/businesses', { name: 'Kept' }, { ...bearer(operatorKey), 'idempotency-key': key })
    await server.database.query(
      `create function refuse() returns trigger language plpgsql as $$ begin raise 'no room'; end $$;
      create trigger refuse before update on idempotency for each row execute function refuse()`,
    )
    const key = randomUUID()
    try {
      assert.equal((await create(key)).status, 201, 'it was done, so it is answered')
    } finally {
      await server.database.query('drop function refuse cascade')
    }
    const again = await create(key)
    assert.deepEqual([again.status, again.body.code], [503, 'busy'])
    assert.equal((await server.database.query(`select 1 from business where name = 'Kept'`)).length, 1)
  })

  it('meets no request of another application of the business under the same key', async () => {
    const key = randomUUID()
    const [row] = await server.database.query<{ id: string }>(
      `insert into application (business_id, id, name, brand, locale, policy, workflow, created_at)
        select business_id, gen_random_uuid(), 'Other', 'Other', locale, policy, workflow, created_at from application
        limit 1 returning id`,
    )
    const other = await addKey(server, spellId(accessIds.application, row?.id as string), false)
    const [mine, theirs] = [freshNumber(), freshNumber()]
    const first = await once('/v1/verifications', { to: mine }, key)
    const second = await server.call(
      'POST',
      '/v1/verifications',
      { to: theirs },
      { 'idempotency-key': key, ...bearer(other) },
    )
    assert.deepEqual([first.status, second.status, second.body.to], [201, 201, theirs])
    // The calls that are not hot keep their answers in another way, by the same rule.
    for (const given of [server.key, other]) {
      const made = await server.call('POST', '/v1/api_keys', undefined, {
        'idempotency-key': `${key} key`,
        ...bearer(given),
      })
      assert.equal(made.status, 201)
      assert.equal(made.body.application_id === spellId(accessIds.application, row?.id as string), given === other)
    }
  })

  it('is told when its answer can no longer be read, and does not run again', async () => {
    const key = randomUUID()
    assert.equal((await once('/v1/api_keys', undefined, key)).status, 201)
    const kept = await server.database.query<{ answer: { sealed: string } }>(
      `update idempotency set answer = jsonb_build_object('sealed', overlay(answer->>'sealed' placing 'AAAAY' from 1))
        where created_at = (select max(created_at) from idempotency) returning answer`,
    )
    assert.equal(kept.length, 1)
    const count = async () => (await server.call('GET', '/v1/api_keys')).body.data.length as number
    const before = await count()
    const again = await once('/v1/api_keys', undefined, key)
    assert.deepEqual([again.status, again.body.code], [409, 'idempotency_answer_gone'])
    assert.equal(await count(), before)
  })
})
