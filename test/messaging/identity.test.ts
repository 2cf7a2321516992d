import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { accessIds } from '#access/core/ids.ts'
import { messagingIds } from '#messaging/core/ids.ts'
import { spellReference } from '#messaging/core/reference.ts'
import { readId } from '#platform/core/id.ts'
import { verificationIds } from '#verification/core/ids.ts'
import { bearer, eventually, freshNumber, operatorKey } from '../kit/api.ts'
import { startTestServer, type TestServer } from '../kit/server.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { ofMessages, type ToldSender, toldSender } from './callback-kit.ts'

describe('a sender that sends only to the account it knows', () => {
  let server: SharedServer
  let sender: ToldSender
  before(async () => {
    server = await sharedServer()
    sender = await toldSender(server, { purpose: 'authentication', config: { identity_check: true } })
  })
  after(() => server.stop())

  let seconds = Math.floor(Date.now() / 1000)
  const tellHash = async (to: string, hash: string): Promise<void> => {
    const status = {
      id: `wamid.H${++seconds}`,
      status: 'delivered',
      timestamp: String(seconds),
      recipient_id: to.slice(1),
      recipient_identity_key_hash: hash,
    }
    assert.equal((await sender.post([ofMessages({ statuses: [status] })])).status, 200)
  }
  const hashOf = async (to: string): Promise<string> =>
    (await server.simulate('GET', `/handsets/${to}`)).body.identity_key_hash
  const codes = async (to: string): Promise<number> =>
    (await server.simulate('GET', `/handsets/${to}/messages`)).body.messages.length
  const start = async (to: string): Promise<void> => {
    const { status, body } = await server.call('POST', '/v1/verifications', { to, channel: 'whatsapp' })
    assert.equal(status, 201, JSON.stringify(body))
    await server.call('POST', `/v1/verifications/${body.id}/cancel`)
  }
  const changesTold = async (): Promise<string[]> =>
    (
      await server.database.query<{ contact: string }>(
        `select data ->> 'contact' as contact from event where business_id = $1 and kind = 'sender.identity_changed'`,
        [server.business.rowId],
      )
    ).map(({ contact }) => contact)

  it('sends to it, to no other, and to the next one once the business accepts it', async () => {
    const to = freshNumber()
    await start(to)
    await eventually(async () => (await codes(to)) === 1)
    await tellHash(to, await hashOf(to))
    await start(to)
    await eventually(async () => (await codes(to)) === 2)

    await server.simulate('PUT', `/handsets/${to}`, { identity_key_hash: 'SomebodyElse' })
    const { body } = await server.call('POST', '/v1/verifications', { to, channel: 'whatsapp' })
    const sent = await eventually(async () => {
      const { body: now } = await server.call('GET', `/v1/verifications/${body.id}`)
      return now.deliveries[0].status === 'sent' && now
    })
    // What was sent after it has arrived, so it would have too.
    const later = freshNumber()
    await start(later)
    await eventually(async () => (await codes(later)) === 1)
    assert.equal(await codes(to), 2, 'the new account got nothing')
    await tellHash(to, 'SomebodyElse')
    await tellHash(to, 'SomebodyElse')
    assert.deepEqual(await changesTold(), [to])
    await server.call('POST', `/v1/verifications/${sent.id}/cancel`)

    const accepted = await server.call('POST', `/v1/senders/${sender.id}/accept_identity`, { to })
    assert.deepEqual([accepted.status, accepted.body], [200, { accepted: true }])
    await tellHash(to, 'SomebodyElse')
    await start(to)
    await eventually(async () => (await codes(to)) === 3)
    const again = await server.call('POST', `/v1/senders/${sender.id}/accept_identity`, { to: freshNumber() })
    assert.deepEqual(again.body, { accepted: false })
  })

  it('knows a person by every spelling of their number', async () => {
    const to = `+5255123${String(Math.random()).slice(2, 7)}`
    const hash = 'HashOfMexico'
    const status = (recipient: string) => ({
      id: `wamid.H${++seconds}`,
      status: 'sent',
      timestamp: String(seconds),
      recipient_id: recipient,
      recipient_identity_key_hash: hash,
    })
    await sender.post([ofMessages({ statuses: [status(`521${to.slice(3)}`), status(to.slice(1))] })])
    const rows = await server.database.query('select from identity_key where business_id = $1 and person = $2', [
      server.business.rowId,
      to,
    ])
    assert.equal(rows.length, 1)
  })

  it('is accepted for nobody by another business', async () => {
    const other = await server.freshBusiness()
    const { status } = await server.call(
      'POST',
      `/v1/senders/${sender.id}/accept_identity`,
      { to: freshNumber() },
      { authorization: `Bearer ${other.key}` },
    )
    assert.equal(status, 404)
  })
})

describe('a sender that businesses share and that sends only to accounts it knows', () => {
  let server: TestServer
  let sender: ToldSender
  before(async () => {
    server = await startTestServer()
    sender = await toldSender(server, { purpose: 'authentication', config: { identity_check: true } })
    await server.database.query(
      `update sender set shared = id = $1, disabled_at = case when id <> $1 then now() end where channel = 'whatsapp'`,
      [readId(messagingIds.sender, sender.id)],
    )
  })
  after(() => server.stop())

  const tenant = async (name: string) => {
    const { body } = await server.call('POST', '/v1/businesses', { name }, bearer(operatorKey))
    const rowId = readId(accessIds.business, body.id) as string
    const call = (method: string, path: string, given?: unknown) =>
      server.call(method, path, given, bearer(body.api_key))
    /** One on its own channel, and what became of it. */
    const send = async (to: string) => {
      const { body: started } = await call('POST', '/v1/verifications', { to, channel: 'whatsapp' })
      const id = readId(verificationIds.verification, started.id) as string
      const delivery = await eventually(async () => {
        const [found] = await server.database.query<{ id: string }>(
          `select id from delivery where code_id = $1 and status not in ('queued', 'sending')`,
          [id],
        )
        return found
      })
      await call('POST', `/v1/verifications/${started.id}/cancel`)
      return spellReference(rowId, delivery.id)
    }
    return { rowId, call, send }
  }
  let seconds = Math.floor(Date.now() / 1000)
  const tellHash = async (to: string, hash: string, reference?: string): Promise<void> => {
    const status = {
      id: `wamid.S${++seconds}`,
      status: 'delivered',
      timestamp: String(seconds),
      recipient_id: to.slice(1),
      recipient_identity_key_hash: hash,
      ...(reference !== undefined && { biz_opaque_callback_data: reference }),
    }
    assert.equal((await sender.post([ofMessages({ statuses: [status] })])).status, 200)
  }
  const phoneOf = async (to: string): Promise<number> =>
    (await server.simulate('GET', `/handsets/${to}/messages`)).body.messages.length
  const knownBy = async (rowId: string): Promise<number> =>
    (await server.database.query('select from identity_key where business_id = $1', [rowId])).length
  const changesOf = async (rowId: string): Promise<(string | null)[]> =>
    (
      await server.database.query<{ contact: string | null }>(
        `select data ->> 'contact' as contact from event where business_id = $1 and kind = 'sender.identity_changed'`,
        [rowId],
      )
    ).map(({ contact }) => contact)

  it('knows and holds back the person of each for that one alone', async () => {
    const [mine, other] = [await tenant('Mine'), await tenant('Other')]
    const to = freshNumber()
    const reference = await mine.send(to)
    const accept = `/v1/senders/${sender.id}/accept_identity`
    const { body: known } = await server.simulate('GET', `/handsets/${to}`)
    await tellHash(to, known.identity_key_hash, reference)
    // A receipt that does not say for whom is nobody's.
    await tellHash(to, 'OfNobody')
    await server.simulate('PUT', `/handsets/${to}`, { identity_key_hash: 'SomebodyElse' })
    await other.send(to)
    await eventually(async () => (await phoneOf(to)) === 2)
    await mine.send(to)
    const later = freshNumber()
    await mine.send(later)
    await eventually(async () => (await phoneOf(later)) === 1)
    assert.equal(await phoneOf(to), 2, 'of mine the new account got nothing')

    await tellHash(to, 'SomebodyElse', reference)
    const owners = await server.database.query<{ business_id: string }>('select business_id from identity_key')
    assert.deepEqual(new Set(owners.map((one) => one.business_id)), new Set([mine.rowId]))
    assert.deepEqual([await changesOf(mine.rowId), await changesOf(other.rowId)], [[to], []])
    assert.deepEqual((await other.call('POST', accept, { to })).body, { accepted: false })
    assert.equal(await knownBy(mine.rowId), 1, 'another business accepts nobody of mine')

    assert.equal((await other.call('POST', '/v1/recipients/erase', { to })).status, 200)
    assert.equal(await knownBy(mine.rowId), 1)
    assert.deepEqual((await mine.call('POST', accept, { to })).body, { accepted: true })
    await tellHash(to, 'SomebodyElse', reference)
    assert.equal((await mine.call('POST', '/v1/recipients/erase', { to })).status, 200)
    assert.equal(await knownBy(mine.rowId), 0)
    assert.deepEqual(await changesOf(mine.rowId), [null])
  })
})
