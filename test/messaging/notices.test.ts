import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually, freshNumber } from '../kit/api.ts'
import { type SharedServer, sharedServer } from '../kit/shared.ts'
import { type ToldSender, toldSender } from './callback-kit.ts'

const template = { message_template_id: 1, message_template_name: 'promo', message_template_language: 'id' }

describe('what a provider tells of a sender', () => {
  let server: SharedServer
  let sender: ToldSender
  before(async () => {
    server = await sharedServer()
    sender = await toldSender(server)
  })
  after(() => server.stop())

  const notices = async (): Promise<any[]> => {
    const { body } = await server.call('GET', '/v1/senders')
    return body.data.find(({ id }: { id: string }) => id === sender.id).notices
  }
  const events = (kind: string): Promise<{ data: any }[]> =>
    server.database.query(
      `select data from event where business_id = $1 and kind = $2 and subject_kind = 'sender' order by sequence`,
      [server.business.rowId, kind],
    )

  it('shows beside it, and reaches the business as an event', async () => {
    const told = [
      { field: 'account_update', value: { event: 'ACCOUNT_VIOLATION', violation_info: { violation_type: 'SPAM' } } },
      { field: 'message_template_status_update', value: { ...template, event: 'REJECTED', reason: 'SCAM' } },
      { field: 'template_category_update', value: { ...template, new_category: 'MARKETING' } },
      { field: 'phone_number_quality_update', value: { display_phone_number: '15550783882', event: 'FLAGGED' } },
      {
        field: 'account_alerts',
        value: {
          alert_info: {
            alert_severity: 'CRITICAL',
            alert_status: 'ACTIVE',
            alert_type: 'A',
            alert_description: 'B\0\ud800',
          },
        },
      },
      { field: 'security', value: { display_phone_number: '15550783882', event: 'PIN_CHANGED' } },
    ]
    // Meta tells twice.
    for (let time = 0; time < 2; time++) assert.equal((await sender.post(told)).status, 200)
    const shown = await notices()
    assert.deepEqual(
      new Set(shown.map(({ kind, state }) => `${kind} ${state}`)),
      new Set(['account problem', 'template problem', 'template warning', 'number problem', 'security warning']),
    )
    assert.ok(shown.every(({ mend }) => typeof mend === 'string'))
    for (const [kind, count] of Object.entries({ account: 2, template: 2, number: 1, security: 1 }))
      assert.equal((await events(`sender.${kind}`)).length, count, kind)
    const [{ data }] = (await events('sender.security')) as [{ data: any }]
    assert.partialDeepStrictEqual(data, { channel: 'whatsapp', state: 'warning', detail: 'PIN_CHANGED.' })
  })

  it('is the newest of each, also when an older one comes late, and bounded', async () => {
    const status = (event: string) => ({
      field: 'message_template_status_update',
      value: { ...template, message_template_name: 'late', event },
    })
    const post = (time: number, change: object) =>
      sender.post(JSON.stringify({ entry: [{ id: '1', time, changes: [change] }] }))
    await post(1_795_300_200, status('APPROVED'))
    await post(1_795_300_100, status('REJECTED'))
    assert.equal((await notices()).find(({ check }) => check === 'template late (id)').state, 'ok')
    await sender.post(
      Array.from({ length: 80 }, (_, n) => ({
        field: 'message_template_status_update',
        value: { ...template, message_template_name: `many_${n}`, event: 'APPROVED' },
      })),
    )
    assert.equal((await notices()).length, 50)
  })

  it('is also what its messages fail by, with what to do about it', async () => {
    const to = freshNumber()
    await server.simulate('PUT', `/handsets/${to}`, { refused_with: 131042 })
    const { body } = await server.call('POST', '/v1/messages', {
      to,
      template: { name: 'appointment', language: 'id', parameters: ['A', 'B'] },
    })
    assert.equal(body.status, 'failed')
    const found = await eventually(async () => (await notices()).find(({ kind }) => kind === 'failing'))
    assert.match(found.check, /131042/)
    assert.match(found.mend, /payment method/)
    assert.equal((await events('sender.failing')).length, 1)
  })

  it('is nothing to another business', async () => {
    const other = await server.freshBusiness()
    const { body } = await server.call('GET', '/v1/senders', undefined, { authorization: `Bearer ${other.key}` })
    assert.deepEqual(body.data, [])
  })
})
