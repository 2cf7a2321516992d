import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { codeOn, eventually, freshNumber } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'

interface Outbound {
  readonly channel: string
  readonly to: string
}

describe('the workflow goes on', { concurrency: true }, () => {
  let server: SharedServer
  before(async () => {
    server = await sharedServer()
  })
  after(() => server.stop())

  /** WhatsApp, then SMS after a second without delivery. */
  const workflow = [
    { channel: 'whatsapp', wait_seconds: 1 },
    { channel: 'sms', wait_seconds: 60 },
  ]
  const start = async (to: string, body: object = {}) => {
    const started = await server.call('POST', '/v1/verifications', { to, workflow, ...body })
    assert.equal(started.status, 201, JSON.stringify(started.body))
    return started.body.id as string
  }
  const read = async (id: string) => (await server.call('GET', `/v1/verifications/${id}`)).body
  const sendsTo = async (to: string): Promise<string[]> => {
    const { body } = await server.simulate('GET', '/messages')
    return (body.messages as Outbound[]).filter((one) => one.to === to).map(({ channel }) => channel)
  }
  const fault = (kind: string, to: string, more: object = {}) =>
    server.simulate('POST', '/faults', { kind, to, ...more })
  const moveReason = (verification: { timeline: { type: string; reason: string }[] }) =>
    verification.timeline.find(({ type }) => type === 'verification.moved_on')?.reason

  const movedAt = (verification: { timeline: { type: string; at: string }[] }): number =>
    Date.parse(verification.timeline.find(({ type }) => type === 'verification.moved_on')?.at ?? '')

  /** Waits for the SMS, then for whatever may still come, and looks at what was sent. */
  async function arrivesBySms(to: string, id: string, expectedSends: readonly string[]): Promise<void> {
    const moved = await eventually(async () => {
      const found = await read(id)
      return found.deliveries.some(
        (one: { channel: string; status: string }) =>
          one.channel === 'sms' && ['delivered', 'sent'].includes(one.status),
      )
        ? found
        : undefined
    })
    await new Promise((done) => setTimeout(done, 1300))
    assert.deepEqual(await sendsTo(to), expectedSends)
    const { body } = await server.simulate('GET', `/handsets/${to}/messages`)
    const codes = new Set(body.messages.map((one: { code: string }) => one.code))
    assert.equal(codes.size, 1, 'the same code on every channel')
    const [code] = codes
    const checked = await server.call('POST', `/v1/verifications/${id}/check`, { code })
    assert.equal(checked.body.valid, true)
    assert.ok(moved)
  }

  it('at once when a send is refused', async () => {
    const to = freshNumber()
    // As it does for a template that is paused.
    await server.simulate('PUT', `/handsets/${to}`, { refused_with: 132015 })
    const id = await start(to, {
      workflow: [
        { channel: 'whatsapp', wait_seconds: 60 },
        { channel: 'sms', wait_seconds: 60 },
      ],
    })
    // The step has a minute: whatever arrives here did not wait for it.
    await codeOn(server, to)
    await arrivesBySms(to, id, ['sms'])
    const found = await read(id)
    assert.equal(moveReason(found), 'delivery_failed')
    assert.deepEqual(
      [found.deliveries[0].status, found.deliveries[0].reason, found.deliveries[0].provider_code],
      ['failed', 'template_unavailable', '132015'],
    )
  })

  it('at once when a receipt says that it failed', async () => {
    const to = freshNumber()
    await server.simulate('PUT', `/handsets/${to}`, { whatsapp: false })
    const id = await start(to, {
      workflow: [
        { channel: 'whatsapp', wait_seconds: 60 },
        { channel: 'sms', wait_seconds: 60 },
      ],
    })
    await codeOn(server, to)
    await arrivesBySms(to, id, ['whatsapp', 'sms'])
    const [first] = (await read(id)).deliveries
    assert.deepEqual(
      [first.status, first.reason, first.provider_code],
      ['failed', 'not_reachable_on_channel', '131026'],
    )
    assert.match(first.detail, /cannot be reached on this channel/)
  })

  it('at once when WhatsApp holds the message back', async () => {
    const to = freshNumber()
    await fault('hold', to, { channel: 'whatsapp' })
    const id = await start(to, {
      workflow: [
        { channel: 'whatsapp', wait_seconds: 60 },
        { channel: 'sms', wait_seconds: 60 },
      ],
    })
    await codeOn(server, to)
    await arrivesBySms(to, id, ['whatsapp', 'sms'])
    assert.equal((await read(id)).deliveries[0].reason, 'held')
  })

  it('when the time of a step is over without delivery', async () => {
    const to = freshNumber()
    await fault('silence', to, { channel: 'whatsapp' })
    const id = await start(to)
    await codeOn(server, to)
    await arrivesBySms(to, id, ['whatsapp', 'sms'])
    const found = await read(id)
    assert.equal(moveReason(found), 'not_delivered_in_time')
    assert.ok(movedAt(found) - Date.parse(found.created_at) >= 1000, 'not before its time, by the server’s clock')
  })

  it('when the customer asks', async () => {
    const to = freshNumber()
    const id = await start(to, {
      workflow: [
        { channel: 'whatsapp', wait_seconds: 60 },
        { channel: 'sms', wait_seconds: 60 },
      ],
    })
    await codeOn(server, to)
    const next = await server.call('POST', `/v1/verifications/${id}/next`, {})
    assert.equal(next.body.channel, 'sms')
    await arrivesBySms(to, id, ['whatsapp', 'sms'])
    const over = await server.call('POST', `/v1/verifications/${id}/next`, {})
    assert.equal(over.status, 409)
  })

  it('not when the message has arrived', async () => {
    const to = freshNumber()
    const id = await start(to)
    await codeOn(server, to)
    await new Promise((done) => setTimeout(done, 2500))
    assert.deepEqual(await sendsTo(to), ['whatsapp'])
    assert.equal((await read(id)).status, 'pending')
  })

  it('once, with duplicated and reordered receipts', async () => {
    const to = freshNumber()
    await fault('duplicate_receipts', to)
    await fault('reorder_receipts', to)
    await server.simulate('PUT', `/handsets/${to}`, { whatsapp: false })
    const id = await start(to)
    await codeOn(server, to)
    await arrivesBySms(to, id, ['whatsapp', 'sms'])
  })

  it('and ends as read, whatever the order of the receipts', async () => {
    const to = freshNumber()
    await fault('duplicate_receipts', to)
    await fault('reorder_receipts', to)
    await server.simulate('PUT', `/handsets/${to}`, { chat_open: true })
    const id = await start(to)
    await codeOn(server, to)
    await new Promise((done) => setTimeout(done, 1500))
    const found = await read(id)
    assert.equal(found.deliveries[0].status, 'read')
    assert.ok(found.deliveries[0].delivered_at, 'read means delivered')
    assert.deepEqual(await sendsTo(to), ['whatsapp'])
  })

  it('without a second sending when the answer of the provider was lost', async () => {
    const to = freshNumber()
    await fault('fail_after_acceptance', to, { channel: 'whatsapp', count: 1 })
    await fault('drop_receipts', to, { channel: 'whatsapp' })
    const id = await start(to)
    await codeOn(server, to)
    await codeOn(server, to, 2)
    await arrivesBySms(to, id, ['whatsapp', 'sms'])
    assert.equal((await read(id)).deliveries[0].status, 'unknown')
  })

  it('not at all when the answer was lost but the receipt came', async () => {
    const to = freshNumber()
    await fault('fail_after_acceptance', to, { channel: 'whatsapp', count: 1 })
    const id = await start(to)
    await eventually(async () => (await read(id)).deliveries[0].status === 'delivered')
    await new Promise((done) => setTimeout(done, 1500))
    assert.deepEqual(await sendsTo(to), ['whatsapp'])
  })

  it('on the same channel when the provider failed before it did anything', async () => {
    const to = freshNumber()
    await fault('fail_before_acceptance', to, { channel: 'whatsapp', count: 1 })
    const id = await start(to, { workflow: [{ channel: 'whatsapp', wait_seconds: 60 }] })
    await codeOn(server, to)
    const found = await read(id)
    assert.deepEqual(await sendsTo(to), ['whatsapp'])
    assert.ok(found.timeline.some(({ type }: { type: string }) => type === 'delivery.deferred'))
  })

  it('to the next channel when the provider keeps failing', async () => {
    const to = freshNumber()
    await fault('fail_before_acceptance', to, { channel: 'whatsapp' })
    const id = await start(to, {
      workflow: [
        { channel: 'whatsapp', wait_seconds: 60 },
        { channel: 'sms', wait_seconds: 60 },
      ],
    })
    await codeOn(server, to)
    await arrivesBySms(to, id, ['sms'])
  })

  it('to nobody else when the WhatsApp account has changed hands', async () => {
    const to = freshNumber()
    await server.simulate('PUT', `/handsets/${to}`, { fails_with: 137000 })
    const id = await start(to)
    const ended = await eventually(async () => {
      const found = await read(id)
      return found.status === 'undeliverable' ? found : undefined
    })
    assert.equal(ended.deliveries[0].reason, 'identity_changed')
    assert.deepEqual(await sendsTo(to), ['whatsapp'])
  })

  it('to nobody else when that was told before the message id was known', async () => {
    const to = freshNumber('0014')
    const id = await start(to, { workflow: [{ channel: 'whatsapp', wait_seconds: 60 }, { channel: 'sms' }] })
    await eventually(async () => (await read(id)).deliveries[0].status === 'sent')
    await server.database.query(
      `insert into early_receipt (business_id, sender_id, provider_message_id, status, at, failure_reason, fallback, received_at)
       select business_id, sender_id, provider_message_id, 'failed', now(), 'identity_changed', false, now() from delivery
       where provider_message_id is not null and code_id = $1`,
      [id.replace('ver_', '')],
    )
    await eventually(async () => (await read(id)).status === 'undeliverable')
    assert.deepEqual(await sendsTo(to), ['whatsapp'])
  })

  it('to undeliverable when every channel has failed', async () => {
    const to = freshNumber()
    await server.simulate('PUT', `/handsets/${to}`, { whatsapp: false, sms: false })
    const id = await start(to)
    const ended = await eventually(async () => {
      const found = await read(id)
      return found.status === 'undeliverable' ? found : undefined
    })
    assert.deepEqual(
      ended.deliveries.map(({ status }: { status: string }) => status),
      ['failed', 'failed'],
    )
    const checked = await server.call('POST', `/v1/verifications/${id}/check`, { code: '123456' })
    assert.equal(checked.body.code, 'verification_closed')
  })

  it('to nobody once the verification has ended', async () => {
    const to = freshNumber()
    await fault('silence', to, { channel: 'whatsapp' })
    const id = await start(to)
    await server.call('POST', `/v1/verifications/${id}/cancel`)
    await new Promise((done) => setTimeout(done, 2000))
    assert.ok(!(await sendsTo(to)).includes('sms'))
  })
})
