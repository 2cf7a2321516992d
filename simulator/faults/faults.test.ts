import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type Business, codeMessage, eventually, startBusiness, startOver } from '../testing.ts'

const ana = '+5511987654321'
const budi = '+6281234567890'

describe('the faults', () => {
  let world: Business
  before(async () => {
    world = await startBusiness()
  })
  after(() => world.stop())
  beforeEach(() => startOver(world))

  const fault = async (kind: string, more: object = {}) => {
    const { status, body } = await world.call('POST', '/faults', { kind, ...more })
    assert.equal(status, 201, JSON.stringify(body))
  }
  const sms = (to: string, text = 'Your code is 4711.') =>
    world.call(
      'POST',
      '/sms/send',
      { to, from: 'Centang', text, callback_url: world.hook.url },
      { authorization: `Bearer ${world.facts.sms.token}` },
    )
  const smsWords = () =>
    world.hook.posted.flatMap(({ body }) => (body.status === undefined ? [] : [body.status as string]))
  /** What was enqueued before this was sent has been heard when this has. */
  async function hearAnother(): Promise<void> {
    const other = '+12025550187'
    await world.send(codeMessage(other, '1'))
    await world.advance(1000)
    await world.heard(2, other)
  }

  it('fail_before_acceptance: an error, and nothing happened, as often as was asked', async () => {
    await fault('fail_before_acceptance', { count: 1 })
    const refused = await world.send(codeMessage(ana, '1'))
    assert.deepEqual([refused.status, refused.body.error.code], [500, 131000])
    assert.equal((await world.send(codeMessage(ana, '2'))).status, 200)
    await world.advance(100)
    assert.deepEqual(
      (await world.inbox(ana)).map(({ code }) => code),
      ['2'],
    )
  })

  it('fail_after_acceptance: no answer, and the message arrives', async () => {
    await fault('fail_after_acceptance', { count: 1 })
    await assert.rejects(world.send(codeMessage(ana, '3')))
    await world.advance(100)
    assert.equal((await world.inbox(ana))[0].code, '3')
    await world.heard(2, ana)
  })

  it('silence: accepted, and never heard of again', async () => {
    await fault('silence', { to: ana })
    assert.equal((await world.send(codeMessage(ana, '4'))).status, 200)
    await hearAnother()
    assert.deepEqual([world.words(ana), await world.inbox(ana)], [[], []])
  })

  it('hold: held, and dropped with 132015', async () => {
    await fault('hold', { count: 1 })
    const held = await world.send(codeMessage(ana, '5'))
    assert.equal(held.body.messages[0].message_status, 'held_for_quality_assessment')
    await world.advance(59_000)
    await hearAnother()
    assert.deepEqual(world.words(ana), [])
    await world.advance(1000)
    await world.heard(1, ana)
    assert.deepEqual(
      world.statuses(ana).map(({ status, errors }) => [status, errors[0].code, errors[0].title]),
      [['failed', 132015, 'Template is Paused']],
    )
    assert.deepEqual(await world.inbox(ana), [])
  })

  it('hold: held, and released', async () => {
    await fault('hold', { ends: 'released', delay_ms: 600_000, count: 1 })
    await world.send(codeMessage(ana, '6'))
    await world.advance(599_000)
    assert.deepEqual(await world.inbox(ana), [])
    await world.advance(2000)
    await world.heard(2, ana)
    assert.deepEqual(world.words(ana), ['sent', 'delivered'])
    assert.equal((await world.inbox(ana))[0].code, '6')
  })

  it('slow: the answer takes its time, the message does not', async () => {
    await fault('slow', { delay_ms: 300, count: 1 })
    const from = performance.now()
    const sending = world.send(codeMessage(ana, '7'))
    await eventually(async () => {
      await world.advance(100)
      return (await world.inbox(ana)).length > 0
    })
    assert.equal((await sending).status, 200)
    assert.ok(performance.now() - from >= 290)
  })

  it('duplicate_receipts: each of them twice', async () => {
    await fault('duplicate_receipts', { to: budi, count: 1 })
    await world.send(codeMessage(budi, '8'))
    await world.advance(1000)
    await world.heard(4, budi)
    await hearAnother()
    assert.deepEqual(world.words(budi).toSorted(), ['delivered', 'delivered', 'sent', 'sent'])
  })

  it('reorder_receipts: the first comes last', async () => {
    await fault('reorder_receipts', { count: 1 })
    await world.send(codeMessage(ana, '9'))
    await world.advance(300)
    await world.heard(1, ana)
    assert.deepEqual(world.words(ana), ['delivered'])
    await world.advance(300)
    await world.heard(2, ana)
    assert.deepEqual(world.words(ana), ['delivered', 'sent'])
    const [delivered, sent] = world.statuses(ana)
    assert.ok(Number(delivered.timestamp) >= Number(sent.timestamp), 'each tells when it happened')
  })

  it('drop_receipts: it arrives and is read, and nobody hears of it', async () => {
    await fault('drop_receipts', { to: ana, channel: 'whatsapp', count: 1 })
    await world.send(codeMessage(ana, '10'))
    await world.advance(1000)
    const [message] = await world.inbox(ana)
    assert.equal(
      (await world.call('POST', `/handsets/${ana}/messages/${message.id}/press`, { button: 'copy_code' })).status,
      200,
    )
    await hearAnother()
    assert.deepEqual(world.words(ana), [])
  })

  it('of one channel or one person leave the others alone', async () => {
    await fault('silence', { to: '+55 11 98765 4321', channel: 'sms' })
    await sms(ana)
    await sms(budi)
    await world.send(codeMessage(ana, '11'))
    await world.advance(1000)
    await world.heard(2, ana)
    assert.deepEqual(
      (await world.inbox(ana)).map(({ channel }) => channel),
      ['whatsapp'],
    )
    assert.equal((await world.inbox(budi)).length, 1)
  })

  it('are played by the SMS provider too', async () => {
    await fault('fail_before_acceptance', { channel: 'sms', count: 1 })
    assert.equal((await sms(ana)).status, 503)
    await fault('fail_after_acceptance', { channel: 'sms', count: 1 })
    await assert.rejects(sms(ana))
    await world.advance(1000)
    await eventually(() => smsWords().length >= 2)
    assert.equal((await world.inbox(ana)).length, 1, 'the lost one arrived, the failed one did not')
    world.hook.posted.length = 0

    await fault('drop_receipts', { channel: 'sms', count: 1 })
    await sms(ana)
    await fault('duplicate_receipts', { channel: 'sms', count: 1 })
    await sms(budi)
    await world.advance(1000)
    await eventually(() => smsWords().length >= 4)
    await world.advance(1000)
    assert.deepEqual(
      smsWords().toSorted((a, b) => a.localeCompare(b)),
      ['delivered', 'delivered', 'sent', 'sent'],
    )
    assert.equal((await world.inbox(ana)).length, 2)
    world.hook.posted.length = 0

    await fault('reorder_receipts', { channel: 'sms', count: 1 })
    await sms(budi)
    await world.advance(200)
    await eventually(() => smsWords().length >= 1)
    await world.advance(300)
    await eventually(() => smsWords().length >= 2)
    assert.deepEqual(smsWords(), ['delivered', 'sent'])
    world.hook.posted.length = 0

    await world.call('PUT', `/handsets/${ana}`, { sms: false })
    await sms(ana)
    await world.advance(1000)
    await eventually(() => smsWords().length >= 2)
    assert.deepEqual(smsWords(), ['sent', 'failed'])
  })

  it('are listed as they were asked for, and cleared', async () => {
    await fault('slow', { to: budi, channel: 'whatsapp', count: 2, delay_ms: 100 })
    await fault('hold', { ends: 'released' })
    await fault('silence')
    assert.deepEqual((await world.call('GET', '/faults')).body.faults, [
      { kind: 'slow', to: budi, channel: 'whatsapp', count: 2, delay_ms: 100 },
      { kind: 'hold', delay_ms: 60_000, ends: 'released' },
      { kind: 'silence' },
    ])
    assert.equal((await world.call('DELETE', '/faults')).status, 204)
    assert.deepEqual((await world.call('GET', '/faults')).body.faults, [])
  })

  it('that are not understood hit nobody', async () => {
    const wrong: [unknown, RegExp][] = [
      [{ kind: 'earthquake' }, /fail_before_acceptance/],
      [{}, /"kind" must be/],
      [[], /An object/],
      [{ kind: 'silence', to: 6281234567890 }, /E\.164/],
      [{ kind: 'silence', to: 'Ana' }, /E\.164/],
      [{ kind: 'silence', channel: 'whatsap' }, /whatsapp, sms/],
      [{ kind: 'silence', too: budi }, /"too" is unknown here/],
      [{ kind: 'silence', count: 0 }, /"count"/],
      [{ kind: 'silence', count: 1.5 }, /"count"/],
      [{ kind: 'silence', delay_ms: 5 }, /slow and hold/],
      [{ kind: 'slow', delay_ms: 60_001 }, /at most 60000/],
      [{ kind: 'slow', delay_ms: '5' }, /"delay_ms"/],
      [{ kind: 'slow', ends: 'released' }, /"ends" is for hold/],
    ]
    for (const [body, message] of wrong) {
      const answer = await world.call('POST', '/faults', body)
      assert.equal(answer.status, 400, JSON.stringify(body))
      assert.match(answer.body.error.message, message)
    }
    assert.deepEqual((await world.call('GET', '/faults')).body.faults, [])
  })

  describe('of magic numbers', () => {
    const at = (digits: string) => `+551198000${digits}`

    it('come from the last four digits', async () => {
      const told: [string, (string | number)[]][] = [
        ['0001', ['failed', 131026]],
        ['0002', ['failed', 131026]],
        ['0003', ['sent']],
        ['0004', ['sent']],
        ['0005', ['sent', 'read']],
        ['0010', ['sent', 'delivered']],
        ['0011', ['failed', 131026]],
        ['0013', []],
        ['0014', []],
        ['0015', ['sent', 'failed', 131000]],
      ]
      for (const [digits] of told) assert.equal((await world.send(codeMessage(at(digits), '1'))).status, 200, digits)
      await world.advance(1000)
      await hearAnother()
      for (const [digits, expected] of told) {
        const heard = world
          .statuses(at(digits))
          .flatMap(({ status, errors = [] }) => [status, ...errors.map((one: any) => one.code)])
        assert.deepEqual(heard, expected, digits)
      }
      assert.equal((await world.inbox(at('0013'))).length, 1)
      await world.advance(5000)
      await world.heard(2, at('0004'))
      assert.deepEqual(world.words(at('0004')), ['sent', 'delivered'])
      const listed = (await world.call('GET', '/magic-numbers')).body.magic_numbers
      assert.deepEqual(
        listed.map(({ last_digits: digits }: any) => digits),
        Array.from({ length: 15 }, (_, index) => String(index + 1).padStart(4, '0')),
      )
    })

    it('also answer for the send itself', async () => {
      const held = await world.send(codeMessage(at('0006'), '1'))
      assert.equal(held.body.messages[0].message_status, 'held_for_quality_assessment')
      assert.equal((await world.send(codeMessage(at('0007'), '1'))).body.error.code, 131056)
      assert.equal((await world.send(codeMessage(at('0008'), '1'))).status, 500)
      await assert.rejects(world.send(codeMessage(at('0009'), '1')))
      await world.send(codeMessage(at('0012'), '1'))
      await world.advance(350)
      await world.heard(2, at('0012'))
      await world.advance(1000)
      await world.heard(4, at('0012'))
      assert.deepEqual(world.words(at('0012')).slice(0, 2), ['delivered', 'delivered'])
      assert.equal((await sms(at('0008'))).status, 202, 'SMS has none of it')
      assert.equal((await world.inbox(at('0009'))).length, 1)
    })

    it('end where the handset is set by hand', async () => {
      await world.call('PUT', `/handsets/${at('0008')}`, { online: true })
      assert.equal((await world.send(codeMessage(at('0008'), '1'))).status, 200)
      await world.call('PUT', `/handsets/${at('0007')}`, { refused_with: null })
      assert.equal((await world.send(codeMessage(at('0007'), '1'))).status, 200)
    })
  })
})
