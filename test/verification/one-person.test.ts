import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { bearer, codeOn, freshNumber, operatorKey, wrongCode } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'

/** One phone of Buenos Aires, as it is dialled from abroad and as it stands in many address books. */
function freshSpellings(): readonly [string, string] {
  const local = freshNumber().slice(6, 13)
  return [`+549115${local}`, `+54115${local}`]
}

describe('a person with two spellings of one number', () => {
  let server: SharedServer
  before(async () => {
    server = await sharedServer()
  })
  after(() => server.stop())

  const start = (to: string, purpose: string) =>
    server.call('POST', '/v1/verifications', { to, channel: 'sms', purpose })

  it('has one limit of sends', async () => {
    const spellings = freshSpellings()
    const statuses: number[] = []
    for (let n = 0; n < 6; n++) statuses.push((await start(spellings[n % 2] as string, `p${n}`)).status)
    assert.deepEqual(statuses, [201, 201, 201, 201, 201, 429])
    const together = freshSpellings()
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => start(together[n % 2] as string, `p${n}`)))
    assert.equal(answers.filter(({ status }) => status === 201).length, 5, 'also when all come at once')
  })

  it('has one budget of wrong codes, which either spelling resets', async () => {
    const spellings = freshSpellings()
    const [one, other] = await Promise.all(spellings.map((to) => start(to, 'log_in')))
    assert.notEqual(one?.body.id, other?.body.id, 'the shorter spelling may be a desk: it has a code of its own')
    assert.deepEqual([one?.body.to, other?.body.to], spellings, 'the exact address is what is sent to')
    const wrong = wrongCode(await codeOn(server, spellings[0]))
    const guess = async (id: string) =>
      (await server.call('POST', `/v1/verifications/${id}/check`, { code: wrong })).body
    for (const id of [one?.body.id, other?.body.id, one?.body.id, other?.body.id, one?.body.id])
      assert.equal((await guess(id)).valid, false)
    const failures = () =>
      server.database.query<{ n: number }>(
        'select failed_consecutive as n from recipient where business_id = $1 and cardinality(failed_at) > 0',
        [server.business.rowId],
      )
    assert.deepEqual(await failures(), [{ n: 5 }])
    await server.database.query(
      'update recipient set failed_consecutive = 100 where business_id = $1 and cardinality(failed_at) > 0',
      [server.business.rowId],
    )
    for (const id of [one?.body.id, other?.body.id]) assert.equal((await guess(id)).code, 'recipient_disabled')
    const path = `/v1/businesses/${server.business.id}/budgets/reset`
    const reset = await server.call('POST', path, { recipient: spellings[1] }, bearer(operatorKey))
    assert.deepEqual([reset.body, await failures()], [{ reset: true }, []])
  })

  it('is found by either', async () => {
    const spellings = freshSpellings()
    const ids = new Set<string>()
    for (const to of spellings) ids.add((await start(to, 'look_up')).body.id)
    for (const to of spellings) {
      const { body } = await server.call('GET', `/v1/verifications?to=${encodeURIComponent(to)}`)
      assert.deepEqual(new Set(body.data.map(({ id }: { id: string }) => id)), ids)
    }
  })
})
