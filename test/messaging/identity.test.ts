import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually, freshNumber } from '../kit/api.ts'
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
