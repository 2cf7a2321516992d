import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type Business, eventually, receiveNews, signatureOf, startBusiness, startOver } from '../testing.ts'

const budi = '+6281234567890'

describe('chats', () => {
  let world: Business
  let care: Awaited<ReturnType<typeof receiveNews>>
  let careId: string
  before(async () => {
    world = await startBusiness()
    careId = world.facts.service_phone_number_id
    care = await receiveNews(world.facts.verify_token)
    const configuration = { override_callback_uri: care.url, verify_token: world.facts.verify_token }
    assert.deepEqual((await world.graph('POST', careId, { webhook_configuration: configuration })).body, {
      success: true,
    })
  })
  after(async () => {
    await world.stop()
    await care.stop()
  })
  beforeEach(async () => {
    await startOver(world)
    care.posted.length = 0
  })

  const send = (body: object, from = careId) =>
    world.graph('POST', `${from}/messages`, { messaging_product: 'whatsapp', to: budi, ...body })
  const interactive = (content: object) => send({ type: 'interactive', interactive: content })
  const write = (text: string, to = world.facts.service_display_phone_number) =>
    world.call('POST', `/handsets/${budi}/reply`, { text, to })
  const arrived = async (): Promise<any> => {
    await world.advance(100)
    return (await world.inbox(budi)).findLast(({ direction }) => direction === 'out')
  }
  const heardBy = async (hook: typeof care): Promise<any> => {
    await world.advance(100)
    return eventually(() =>
      hook.posted.map(({ body }) => body.entry[0].changes[0].value).findLast((one) => one.messages),
    )
  }
  const press = (message: { id: string }, button: string) => {
    care.posted.length = 0
    return world.call('POST', `/handsets/${budi}/messages/${message.id}/press`, { button })
  }
  const buttons = (...titles: string[]) => ({
    type: 'button',
    body: { text: 'Pay?' },
    action: { buttons: titles.map((title) => ({ type: 'reply', reply: { id: `id ${title}`, title } })) },
  })
  const list = (rows: object[], label = 'See times') => ({
    type: 'list',
    body: { text: 'When?' },
    action: { button: label, sections: [{ rows }] },
  })

  it('are held with a number of their own, whose news goes to its own address', async () => {
    const { body } = await world.graph('GET', 'waba/phone_numbers')
    assert.deepEqual(
      body.data.map(({ id, verified_name: name }: { id: string; verified_name: string }) => [id, name]),
      [
        [world.facts.phone_number_id, 'Demo Bank'],
        [careId, 'Demo Bank Care'],
      ],
    )
    await write('Halo')
    const value = await heardBy(care)
    assert.deepEqual(value.metadata, {
      display_phone_number: world.facts.service_display_phone_number,
      phone_number_id: careId,
    })
    assert.deepEqual([value.messages[0].text, world.hook.posted.length], [{ body: 'Halo' }, 0])
    const [{ raw, signature } = { raw: '', signature: '' }] = care.posted
    assert.equal(signature, signatureOf(raw, world.facts.app_secret))
    await send({ type: 'text', text: { body: 'Hello Budi' } })
    assert.deepEqual([(await arrived()).text, (await arrived()).from], ['Hello Budi', '15550783882'])
    await write('Code?', world.facts.display_phone_number)
    assert.equal((await heardBy(world.hook)).metadata.phone_number_id, world.facts.phone_number_id)
  })

  it('are open a day after the person wrote, to that number only', async () => {
    await write('Halo')
    const failed = async (from: string, hook: typeof care): Promise<unknown> => {
      await send({ type: 'text', text: { body: 'Hello' } }, from)
      await world.advance(200)
      return eventually(() =>
        hook.posted
          .flatMap(({ body }) => body.entry[0].changes[0].value.statuses ?? [])
          .find((one) => one.status !== 'sent'),
      ).then(({ status, errors }) => errors?.[0].code ?? status)
    }
    assert.equal(await failed(world.facts.phone_number_id, world.hook), 131047)
    assert.equal(await failed(careId, care), 'delivered')
    await world.advance(86_400_000)
    care.posted.length = 0
    assert.equal(await failed(careId, care), 131047)
  })

  it('reply buttons and rows of a list come back with their ids and what they stood under', async () => {
    await write('Halo')
    const { body } = await interactive(buttons('Yes', 'No'))
    const asked = await arrived()
    assert.deepEqual(asked.buttons, [
      { id: 'id Yes', kind: 'reply', label: 'Yes' },
      { id: 'id No', kind: 'reply', label: 'No' },
    ])
    await press(asked, 'id No')
    const [tapped] = (await heardBy(care)).messages
    assert.deepEqual(
      [tapped.type, tapped.interactive, tapped.context],
      [
        'interactive',
        { type: 'button_reply', button_reply: { id: 'id No', title: 'No' } },
        { from: '15550783882', id: body.messages[0].id },
      ],
    )
    assert.deepEqual((await world.inbox(budi)).at(-1).text, 'No')
    await interactive(
      list([
        { id: 'a', title: '09:00', description: 'with Dr Sari' },
        { id: 'b', title: '10:00' },
      ]),
    )
    const offered = await arrived()
    assert.deepEqual([offered.list_label, offered.buttons.length], ['See times', 2])
    await press(offered, 'a')
    const { interactive: chosen } = (await heardBy(care)).messages[0]
    assert.deepEqual(chosen.list_reply, { id: 'a', title: '09:00', description: 'with Dr Sari' })
  })

  it('quick replies of a template send their payload, or their label', async () => {
    const components = [
      { type: 'BODY', text: 'Can you come?' },
      { type: 'BUTTONS', buttons: ['Yes', 'No'].map((text) => ({ type: 'QUICK_REPLY', text })) },
    ]
    await world.graph('POST', 'waba/message_templates', {
      name: 'visit',
      language: 'en',
      category: 'UTILITY',
      components,
    })
    const payload = (index: string, sub_type = 'quick_reply') => ({
      type: 'button',
      sub_type,
      index,
      parameters: [{ type: 'payload', payload: 'yes:42' }],
    })
    const visit = (...given: object[]) =>
      send({ type: 'template', template: { name: 'visit', language: { code: 'en' }, components: given } })
    for (const wrong of [payload('2'), payload('0', 'url')]) assert.equal((await visit(wrong)).body.error.code, 132018)
    assert.equal((await visit(payload('0'))).status, 200)
    const shown = await arrived()
    assert.deepEqual(
      shown.buttons.map(({ id, kind }: { id: string; kind: string }) => `${kind} ${id}`),
      ['quick_reply yes:42', 'quick_reply No'],
    )
    await press(shown, 'yes:42')
    assert.deepEqual((await heardBy(care)).messages[0].button, { payload: 'yes:42', text: 'Yes' })
  })

  it('refuse what WhatsApp would not show', async () => {
    const row = (n: number) => ({ id: `${n}`, title: `${n}` })
    for (const [what, content, code] of [
      ['no buttons', buttons(), 131009],
      ['four buttons', buttons('1', '2', '3', '4'), 131009],
      ['a long title', buttons('x'.repeat(21)), 131009],
      ['the same button twice', buttons('1', '1'), 131009],
      ['a long text', { ...buttons('1'), body: { text: 'x'.repeat(1025) } }, 131009],
      ['no text', { ...buttons('1'), body: undefined }, 131009],
      ['a picture as header', { ...buttons('1'), header: { type: 'image' } }, 131009],
      ['eleven rows', list(Array.from({ length: 11 }, (_, n) => row(n))), 131009],
      ['two rows of one id', list([row(1), row(1)]), 131009],
      ['a long label', list([row(1)], 'x'.repeat(21)), 131009],
      ['a flow', { type: 'flow' }, 131051],
    ] as const)
      assert.equal((await interactive(content)).body.error?.code, code, what)
  })

  it('a tap can be told twice', async () => {
    await write('Halo')
    await heardBy(care)
    await world.call('POST', '/faults', { kind: 'duplicate_messages', count: 1 })
    await write('Twice')
    await world.advance(100)
    const texts = () =>
      care.posted
        .flatMap(({ body }) => body.entry[0].changes[0].value.messages ?? [])
        .map(({ text }) => text.body as string)
    await eventually(() => texts().length === 3)
    assert.deepEqual(texts(), ['Halo', 'Twice', 'Twice'])
  })
})
