import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type Business, startBusiness, startOver } from '../testing.ts'

const budi = '+6281234567890'

describe('templates with words of their own', () => {
  let world: Business
  before(async () => {
    world = await startBusiness()
  })
  after(() => world.stop())
  beforeEach(async () => {
    await startOver(world)
    world.running.simulator.world.account.templates.clear()
  })

  const create = (body: object) => world.graph('POST', 'waba/message_templates', body)
  const list = async (query: string) => (await world.graph('GET', `waba/message_templates?${query}`)).body

  const order = {
    name: 'order',
    language: 'en',
    category: 'UTILITY',
    parameter_format: 'NAMED',
    components: [
      { type: 'HEADER', format: 'TEXT', text: 'Order {{number}}', example: { header_text: ['1'] } },
      { type: 'BODY', text: 'Dear {{name}}, you pay {{amount}} today.' },
      { type: 'FOOTER', text: 'Thank you' },
      {
        type: 'BUTTONS',
        buttons: [
          { type: 'QUICK_REPLY', text: 'Confirm' },
          { type: 'URL', text: 'Track', url: 'https://example.org/{{1}}', example: ['https://example.org/1'] },
        ],
      },
    ],
  }
  const send = (name: string, components: object[]) =>
    world.send({
      messaging_product: 'whatsapp',
      to: budi,
      type: 'template',
      template: { name, language: { code: 'en' }, components },
    })
  const text = (value: string, name?: string) => ({
    type: 'text',
    text: value,
    ...(name && { parameter_name: name }),
  })
  const header = { type: 'header', parameters: [text('42', 'number')] }
  const body = {
    type: 'body',
    parameters: [
      text('Sari', 'name'),
      {
        type: 'currency',
        parameter_name: 'amount',
        currency: { fallback_value: 'Rp 10.000', code: 'IDR', amount_1000: 1 },
      },
    ],
  }
  const track = { type: 'button', sub_type: 'url', index: '1', parameters: [text('r/42')] }

  it('read back whole, and reach the phone with header, names and footer', async () => {
    await create(order)
    const [read] = (await list('name=order')).data
    assert.deepEqual([read.components, read.parameter_format], [order.components, 'NAMED'])
    assert.equal((await send('order', [header, body, track])).status, 200)
    await world.advance(100)
    const shown = (await world.inbox(budi)).at(-1)
    assert.deepEqual(
      [shown.text_markup, shown.footer, shown.code, shown.code_expires_at],
      ['*Order 42*\n\nDear Sari, you pay Rp 10.000 today.', 'Thank you', null, null],
    )
  })

  it('refuse parameters that do not fit', async () => {
    await create(order)
    await create({
      ...order,
      name: 'numbered',
      parameter_format: 'POSITIONAL',
      components: [{ type: 'BODY', text: 'On {{1}} at {{2}}.' }],
    })
    await create({
      ...order,
      name: 'picture',
      components: [
        { type: 'HEADER', format: 'IMAGE' },
        { type: 'BODY', text: 'Look.' },
      ],
    })
    const positional = (...parameters: object[]) => [{ type: 'body', parameters }]
    const cases: [string, object[], number][] = [
      ['order', [body, track], 132000],
      ['order', [header, { type: 'body', parameters: [text('Sari'), text('1')] }, track], 100],
      ['order', [header, { type: 'body', parameters: [text('Sari', 'name'), text('1', 'sum')] }, track], 132012],
      ['order', [header, body], 131008],
      ['order', [header, body, { ...track, index: '0' }], 132018],
      ['numbered', positional(text('Monday')), 132000],
      ['numbered', positional(text('Monday', 'day'), text('9', 'hour')), 132012],
      ['numbered', positional(text('x'.repeat(1000)), text('x'.repeat(100))), 132005],
      ['numbered', positional({ type: 'image' }, text('9')), 100],
      ['picture', [], 132012],
      ['picture', [{ type: 'header', parameters: [{ type: 'video', video: { id: '1' } }] }], 132012],
    ]
    for (const [name, components, code] of cases)
      assert.equal((await send(name, components)).body.error?.code, code, JSON.stringify(components))
    const date = { type: 'date_time', date_time: { fallback_value: 'Monday' } }
    assert.equal((await send('numbered', positional(date, text('9')))).status, 200)
    const image = { type: 'image', image: { link: 'https://example.org/a.png' } }
    assert.equal((await send('picture', [{ type: 'header', parameters: [image] }])).status, 200)
    await world.advance(100)
    assert.deepEqual(
      (await world.inbox(budi)).map((one) => one.text),
      ['On Monday at 9.', '[image]\n\nLook.'],
    )
  })
})
