import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { accessIds } from '#access/core/ids.ts'
import { spellId } from '#platform/core/id.ts'
import { functionName } from '#verification/store/functions.ts'
import { whileHeld } from '../kit/while-held.ts'
import { withoutGuard } from '../kit/without-guard.ts'
import { bearer, codeOn, freshNumber, operatorKey, wrongCode } from '../kit/api.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'

interface Counted {
  wrong: number
  right: number
  other: Map<string, number>
}

/** Sends guesses all at once and counts what they were answered. */
async function guess(server: TestServer, id: string, codes: readonly string[]): Promise<Counted> {
  const counted: Counted = { wrong: 0, right: 0, other: new Map() }
  const answers = await Promise.all(codes.map((code) => server.call('POST', `/v1/verifications/${id}/check`, { code })))
  for (const { status, body } of answers) {
    if (status === 200 && body.valid) counted.right++
    else if (status === 200) counted.wrong++
    else counted.other.set(body.code, (counted.other.get(body.code) ?? 0) + 1)
  }
  return counted
}

async function begin(
  server: TestServer,
  to = freshNumber(),
  body: object = {},
): Promise<{ id: string; code: string; to: string }> {
  const seen = (await server.simulate('GET', `/handsets/${to}/messages`)).body.messages.length as number
  const started = await server.call('POST', '/v1/verifications', { to, channel: 'sms', ...body })
  assert.equal(started.status, 201, JSON.stringify(started.body))
  return { id: started.body.id, code: await codeOn(server, to, seen + 1), to }
}

describe('the limits of checking', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
  })
  after(() => server.stop())

  it('compare five of a hundred parallel wrong codes', async () => {
    const { id, code } = await begin(server)
    const counted = await guess(
      server,
      id,
      Array.from({ length: 100 }, () => wrongCode(code)),
    )
    assert.equal(counted.wrong, 5)
    assert.equal(counted.right, 0)
    assert.equal(counted.other.get('check_limit_reached'), 95)
    const right = await guess(server, id, [code])
    assert.equal(right.right, 0, 'the right code comes too late')
  })

  it('approve one of thirty-two parallel right codes', async () => {
    const { id, code } = await begin(server)
    const counted = await guess(
      server,
      id,
      Array.from({ length: 32 }, () => code),
    )
    assert.equal(counted.right, 1)
    assert.equal(counted.other.get('verification_closed'), 31)
  })

  it('make whoever guesses wait after five wrong codes, and nobody else', async () => {
    const to = freshNumber()
    const stranger = await begin(server, to)
    const own = await server.call('POST', '/v1/verifications', { to, channel: 'sms' })
    await server.database.query('update verification set check_count_max = 10 where recipient = $1', [to])
    const guessing = async () => guess(server, stranger.id, [wrongCode(stranger.code)])
    for (let times = 0; times < 5; times++) assert.equal((await guessing()).wrong, 1)
    const answer = await server.call('POST', `/v1/verifications/${stranger.id}/check`, { code: stranger.code })
    assert.deepEqual([answer.status, answer.body.code], [429, 'checks_paused'])
    assert.ok(Number(answer.headers.get('retry-after')) <= 30)
    const right = await server.call('POST', `/v1/verifications/${own.body.id}/check`, { code: stranger.code })
    assert.equal(right.body.valid, true)
  })

  it('would let them guess on without the wait', async () => {
    await withoutGuard(server.database, 'checks_wait_until', [['p_wrong_count >= 5', 'false']], async () => {
      const { id, code, to } = await begin(server)
      await server.database.query('update verification set check_count_max = 10 where recipient = $1', [to])
      for (let times = 0; times < 7; times++) assert.equal((await guess(server, id, [wrongCode(code)])).wrong, 1)
    })
  })

  // The negative controls: with the guard taken out of the database, the same attack gets through.
  it('would compare more without the guard on the number of checks', async () => {
    const compare = async (): Promise<void> => {
      const { id, code } = await begin(server)
      const counted = await guess(
        server,
        id,
        Array.from({ length: 100 }, () => wrongCode(code)),
      )
      assert.ok(counted.wrong > 5, `only ${counted.wrong} were compared: the guard was not what held`)
    }
    await withoutGuard(
      server.database,
      'check_codes',
      [
        ['v.ended_at is null and v.check_count = d.check_count and', "v.status in ('pending', 'blocked') and"],
        ["when v.status = 'blocked' and v.check_count >= v.check_count_max then 'check_limit_reached'", ''],
        ["when v.status <> 'pending' then 'verification_closed'", ''],
        ['check_count = v.check_count + 1', 'check_count = least(v.check_count + 1, v.check_count_max - 1)'],
      ],
      compare,
    )
  })

  it('would approve more than once without the guard on the status', async () => {
    await withoutGuard(
      server.database,
      'check_codes',
      [
        ['v.ended_at is null and v.check_count = d.check_count and v.expires_at', 'v.expires_at'],
        ["when v.status <> 'pending' then 'verification_closed'", ''],
        ['code_mac = case when now.is_over', 'code_mac = case when true then v.code_mac when now.is_over'],
      ],
      async () => {
        await server.database.query('alter table verification drop constraint verification_ended_without_code')
        const { id, code } = await begin(server)
        const counted = await guess(
          server,
          id,
          Array.from({ length: 4 }, () => code),
        )
        assert.ok(counted.right > 1, 'the guard was not what held')
      },
    )
  })
})

/** More is refused before it is sent. */
const sendsPerWindow = 5

describe('the failure budget of a recipient', () => {
  let server: TestServer
  before(async () => {
    // Its daily cap of sends would be what holds.
    server = await startTestServer({ CENTANG_GUARD: 'off' })
  })
  after(() => server.stop())

  /** New verifications for one number, a wrong code each; the waits are slept through by setting the clock back. */
  async function attack(verifications: number, to: string): Promise<number> {
    let compared = 0
    for (let index = 0; index < verifications; index += sendsPerWindow) {
      const ids = await Promise.all(
        Array.from({ length: sendsPerWindow }, async (_, offset) => {
          const started = await server.call('POST', '/v1/verifications', {
            to,
            channel: 'sms',
            purpose: `p${index + offset}`,
          })
          return started.status === 201 ? (started.body.id as string) : undefined
        }),
      )
      for (const id of ids.filter((one) => one !== undefined)) {
        const { status, body } = await server.call('POST', `/v1/verifications/${id}/check`, { code: '00000000' })
        if (status === 200 && !body.valid) compared++
        // As if the wait after a failure and the send window were over, but not the day.
        await server.database.query(
          `update recipient set sent_at = '{}', failed_at = array(select f - interval '61 minutes' from unnest(failed_at) f) where person in (select v.person from verification v where v.recipient = $1)
            and cardinality(failed_at) < 20`,
          [to],
        )
      }
      await server.database.query(
        `update recipient set sent_at = '{}' where person in (select v.person from verification v where v.recipient = $1)`,
        [to],
      )
    }
    return compared
  }

  it('lets twenty wrong codes be compared in a day over a thousand new verifications', async () => {
    const to = freshNumber()
    const compared = await attack(1000, to)
    assert.equal(compared, 20)
    const last = await server.call('POST', '/v1/verifications', { to, channel: 'sms', purpose: 'last', code: '135790' })
    const answer = await server.call('POST', `/v1/verifications/${last.body.id}/check`, { code: '135790' })
    assert.deepEqual([answer.status, answer.body.code], [429, 'recipient_budget_spent'])
  })

  it('would let more through without it', async () => {
    await withoutGuard(
      server.database,
      'budget_spent_until',
      [
        ['cardinality(p_failed_at) >= 20', 'false'],
        ['p_failed_consecutive >= 100', 'false'],
      ],
      async () => {
        const compared = await attack(40, freshNumber())
        assert.ok(compared > 20, `only ${compared} were compared`)
      },
    )
  })

  it('disables a recipient after a hundred in a row, until an operator resets it', async () => {
    const to = freshNumber()
    const { id, code } = await begin(server, to)
    await server.database.query(
      'update recipient set failed_consecutive = 100 where person in (select v.person from verification v where v.recipient = $1)',
      [to],
    )
    const refused = await server.call('POST', `/v1/verifications/${id}/check`, { code })
    assert.deepEqual([refused.status, refused.body.code], [403, 'recipient_disabled'])
    const [row] = await server.database.query<{ business_id: string }>(
      'select business_id from recipient where person in (select v.person from verification v where v.recipient = $1)',
      [to],
    )
    const reset = await server.call(
      'POST',
      `/v1/businesses/biz_${row?.business_id.replaceAll('-', '')}/budgets/reset`,
      { recipient: to },
      { authorization: 'Bearer operator-key-of-the-tests' },
    )
    assert.deepEqual(reset.body, { reset: true })
    const { body } = await server.call('POST', `/v1/verifications/${id}/check`, { code })
    assert.equal(body.valid, true)
  })

  it('is reset under the lock of whatever counts with it', async () => {
    const { to } = await begin(server)
    const [owner] = await server.database.query<{ business_id: string; person: string }>(
      'select business_id, person from verification where recipient = $1',
      [to],
    )
    const { business_id: businessId = '', person } = owner ?? {}
    const path = `/v1/businesses/${spellId(accessIds.business, businessId)}/budgets/reset`
    const reset = await whileHeld(
      server.database,
      `select ${functionName('lock_recipients')}(array[$1::uuid], array[false], array[$2])`,
      [businessId, person],
      () => server.call('POST', path, { recipient: to }, bearer(operatorKey)),
    )
    assert.deepEqual(reset.body, { reset: true })
  })
})
